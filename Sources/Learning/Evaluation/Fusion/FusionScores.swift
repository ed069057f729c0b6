/// What a model of several modalities says of a split: as it is, and where something is taken from it.
///
/// All are of the same N samples in the same order, so that differences are those of pairs.
public struct FusionScores: Sendable {
  /// The M modalities, in order.
  public var modalities: [String]
  /// [2^M]: with some modalities there and the others absent, by the number that has a bit for each that is there. The last is with all.
  public var present: [JudgedSplit]
  /// What stands in the place of one that is absent.
  public var absence: String
  /// [N], the number of each sample's image or group.
  public var clusters: [Int]
  /// [M][draws]: with a modality of another sample, of any class.
  public var permuted: [[JudgedSplit]] = []
  /// The same with another sample of the same class, and which samples had none, so that they are left out.
  public var permutedWithinClass: [[JudgedSplit]] = []
  public var withoutOther: [Bool] = []
  /// What an additive model would say, and of which samples, ascending; with two modalities.
  public var additive: (samples: [Int], judged: JudgedSplit)?
  /// Where the same samples are changed in a way that should change nothing.
  public var changed: [AnswersUnderChange] = []
  /// How often image and text were put together for all of this; each was encoded once.
  public var joined = 0
  /// What is not said, and why.
  public var unsaid: [String] = []

  public init(modalities: [String], present: [JudgedSplit], absence: String, clusters: [Int]) {
    (self.modalities, self.present, self.absence, self.clusters) = (modalities, present, absence, clusters)
  }

  /// With all modalities.
  public var full: JudgedSplit { present[present.count - 1] }

  /// - Throws: `EvaluationError` where the parts are not of the same samples.
  func check() throws(EvaluationError) {
    guard modalities.count > 1 else { throw .empty(what: "second modality") }
    guard present.count == 1 << modalities.count else {
      throw .count(what: "sets of modalities", found: present.count, expected: 1 << modalities.count)
    }
    for parts in [permuted, permutedWithinClass] where !parts.isEmpty && parts.count != modalities.count {
      throw .count(what: "permuted modalities", found: parts.count, expected: modalities.count)
    }
    let counts = (present + permuted.joined() + permutedWithinClass.joined()).map(\.count) + changed.map(\.same.count)
    for found in counts + [clusters.count] where found != full.count {
      throw .count(what: "samples", found: found, expected: full.count)
    }
  }
}

/// How often what is said stays as it was under a change that should not matter.
public struct AnswersUnderChange: Sendable {
  public var name: String
  /// [N], in percent of the changed ones of each sample; nil where there is none.
  public var same: [Double?]

  public init(name: String, same: [Double?]) { (self.name, self.same) = (name, same) }
}
