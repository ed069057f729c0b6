internal import Randomness

/// What is left of a model of two modalities when they may add up, and nothing more: the empirical multimodally-additive function
/// projection (Hessel and Lee, EMNLP 2020). Where it is as right as the model, the model makes nothing of the two together that it would
/// not make of each by itself.
///
/// f̂(i, i) = mean of f(i, ·) + mean of f(·, i) − mean of f, of logits before the softmax, in which nothing adds up.
public struct AdditiveProjection {
  /// The most samples that are looked at: every one is shown with the other modality of every other.
  public static let mostSamples = 500

  let samples: Int
  let classes: Int
  /// [n, A]: the sums over the second modality, and over the first.
  public var firsts: [Double]
  public var seconds: [Double]

  public init(samples: Int, classes: Int) {
    (self.samples, self.classes) = (samples, classes)
    firsts = [Double](repeating: 0, count: samples * classes)
    seconds = firsts
  }

  /// Which samples are looked at, ascending: files of one class often stand in a row, so that the first ones are like none.
  public static func drawn(_ count: Int, of samples: [Int]) -> [Int] {
    var random = RandomStream(seed: 0, .additiveSamples)
    var order = samples
    random.shuffle(&order)
    return order.prefix(count).sorted()
  }

  /// - Parameter logits: [A], of the first modality of one sample with the second of another.
  public mutating func add(_ logits: ArraySlice<Float>, first: Int, second: Int) {
    for (number, logit) in logits.enumerated() {
      firsts[first * classes + number] += Double(logit)
      seconds[second * classes + number] += Double(logit)
    }
  }

  /// Of each sample with itself, where all pairs are added up [n, A].
  public var logits: [Float] {
    let (count, all) = (
      Double(samples),
      (0..<classes).map { number in
        (0..<samples).reduce(0.0) { $0 + firsts[$1 * classes + number] }
      }
    )
    return firsts.indices.map { place in
      Float((firsts[place] + seconds[place]) / count - all[place % classes] / (count * count))
    }
  }

  /// - Parameter logits: of all pairs [n, n, A].
  public static func project(_ logits: [Float], samples: Int, classes: Int) throws(EvaluationError) -> [Float] {
    guard samples > 0 else { throw .empty(what: "samples") }
    guard logits.count == samples * samples * classes else {
      throw .count(what: "logits of pairs", found: logits.count, expected: samples * samples * classes)
    }
    var projection = AdditiveProjection(samples: samples, classes: classes)
    for pair in 0..<samples * samples {
      projection.add(
        logits[pair * classes..<(pair + 1) * classes], first: pair / samples, second: pair % samples)
    }
    return projection.logits
  }
}
