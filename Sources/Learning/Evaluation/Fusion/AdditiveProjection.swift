/// What is left of a model of two modalities when they may add up, and nothing more: the empirical multimodally-additive function
/// projection (Hessel and Lee, EMNLP 2020). Where it is as right as the model, the model makes nothing of the two together that it would
/// not make of each by itself.
public enum AdditiveProjection {
  /// The most samples that are looked at: every one is shown with the other modality of every other.
  public static let mostSamples = 500

  /// f̂(i, i) = mean of f(i, ·) + mean of f(·, i) − mean of f.
  /// - Parameter logits: [n, n, A], of the first modality of sample i with the second of sample j; before the softmax, in which nothing
  ///   adds up.
  /// - Returns: [n, A]
  public static func project(_ logits: [Float], samples: Int, classes: Int) throws(EvaluationError) -> [Float] {
    guard samples > 0 else { throw .empty(what: "samples") }
    guard logits.count == samples * samples * classes else {
      throw .count(what: "logits of pairs", found: logits.count, expected: samples * samples * classes)
    }
    var rows = [Double](repeating: 0, count: samples * classes)
    var (columns, all) = (rows, [Double](repeating: 0, count: classes))
    for first in 0..<samples {
      for second in 0..<samples {
        for number in 0..<classes {
          let logit = Double(logits[(first * samples + second) * classes + number])
          rows[first * classes + number] += logit
          columns[second * classes + number] += logit
          all[number] += logit
        }
      }
    }
    let count = Double(samples)
    return rows.indices.map { Float((rows[$0] + columns[$0]) / count - all[$0 % classes] / (count * count)) }
  }
}
