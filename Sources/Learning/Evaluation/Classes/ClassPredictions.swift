/// What a model says of the samples of a split whose classes are known.
public struct ClassPredictions: Sendable {
  /// The names of the A classes.
  public var classes: [String]
  /// [N, A], rows in the split's order: before the softmax, or before a sigmoid each.
  public var logits: [Float]
  /// [N], the numbers of the classes that are true of a sample. Empty where nobody knows; where several may be true, where none is.
  public var targets: [[Int]]
  /// [N], the number of each sample's image or group: samples of one are no independent evidence.
  public var clusters: [Int]
  /// Whether each class is true or not by itself, so that several are or none: a sigmoid each in the place of a softmax.
  public var isSeveral: Bool
  /// The samples, by their numbers, of which something is true that is none of the classes: whatever is said of them is wrong. They have
  /// no targets.
  public var outside: [Int] = []

  /// What heads of single modalities have told, where there are such.
  public var apart: [ApartAccuracy]?

  public init(classes: [String], logits: [Float], targets: [[Int]], clusters: [Int], isSeveral: Bool) {
    (self.classes, self.logits, self.targets) = (classes, logits, targets)
    (self.clusters, self.isSeveral) = (clusters, isSeveral)
  }

  /// N
  public var count: Int { targets.count }

  /// [A], of a sample.
  public func logits(of sample: Int) -> ArraySlice<Float> {
    logits[sample * classes.count..<(sample + 1) * classes.count]
  }

  /// Whether all logits of a sample are numbers. What is not is never right, and has no probability.
  public func isFinite(_ sample: Int) -> Bool { logits(of: sample).allSatisfy(\.isFinite) }

  /// The samples of some numbers, in the order given; without those of which none of the classes is true.
  public func selecting(_ samples: [Int]) -> ClassPredictions {
    ClassPredictions(
      classes: classes, logits: samples.flatMap { logits(of: $0) }, targets: samples.map { targets[$0] },
      clusters: samples.map { clusters[$0] }, isSeveral: isSeveral)
  }

  /// Those of which it is known what is true.
  public var labelled: ClassPredictions {
    let known = targets.indices.filter { isSeveral || !targets[$0].isEmpty }
    return known.count == count ? self : selecting(known)
  }

  /// - Throws: `EvaluationError` where the parts do not fit each other, or there is nothing to tell apart.
  public func check() throws(EvaluationError) {
    guard count > 0 else { throw .empty(what: "samples") }
    guard classes.count > (isSeveral ? 0 : 1) else { throw .oneClass(name: classes.first) }
    guard logits.count == count * classes.count else {
      throw .count(what: "logits", found: logits.count, expected: count * classes.count)
    }
    guard clusters.count == count else { throw .count(what: "clusters", found: clusters.count, expected: count) }
    for (sample, targets) in targets.enumerated() {
      if let number = targets.first(where: { !classes.indices.contains($0) }) {
        throw .unknownClass(sample: sample, number: number, classes: classes.count)
      }
      guard isSeveral || targets.count < 2 else {
        throw .count(what: "classes of sample \(sample), which is of one,", found: targets.count, expected: 1)
      }
    }
  }
}

/// How well a head tells classes that looks at one modality alone.
public struct ApartAccuracy: Codable, Equatable, Sendable {
  public var modality: String
  /// Samples that have it, and whose class is known.
  public var samples: Int
  /// Percent of these that are told right; nil without any.
  public var accuracy: Double?

  public init(modality: String, samples: Int, hits: Double) {
    (self.modality, self.samples) = (modality, samples)
    accuracy = samples > 0 ? 100 * hits / Double(samples) : nil
  }
}
