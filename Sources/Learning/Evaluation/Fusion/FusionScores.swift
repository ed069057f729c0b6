/// What a model of several modalities says of a split: as it is, and where something is taken from it.
///
/// All are of the same samples in the same order, so that differences are those of pairs.
public struct FusionScores: Sendable {
  /// The M modalities, in order.
  public var modalities: [String]
  /// [2^M]: with some modalities there and the others absent, by the number that has a bit for each that is there. The last is with all.
  public var present: [ClassPredictions]
  /// What stands in the place of one that is absent.
  public var absence: String
  /// [M][draws]: with a modality of another sample, of any class.
  public var permuted: [[ClassPredictions]] = []
  /// The same with another sample of the same class, and which samples had none, so that they are left out.
  public var permutedWithinClass: [[ClassPredictions]] = []
  public var withoutOther: [Bool] = []
  /// [M]: by models that were trained on one modality alone with the same budget; none where there are none.
  public var alone: [ClassPredictions] = []
  /// Of the first n samples, what an additive model would say; with two modalities.
  public var additive: ClassPredictions?
  /// The same samples, changed in a way that should change nothing, by its name.
  public var changed: [(name: String, predictions: ClassPredictions)] = []

  public init(modalities: [String], present: [ClassPredictions], absence: String) {
    (self.modalities, self.present, self.absence) = (modalities, present, absence)
  }

  /// With all modalities.
  public var full: ClassPredictions { present[present.count - 1] }

  /// - Throws: `EvaluationError` where the parts are not of the same samples.
  func check() throws(EvaluationError) {
    guard modalities.count > 1 else { throw .empty(what: "second modality") }
    guard present.count == 1 << modalities.count else {
      throw .count(what: "sets of modalities", found: present.count, expected: 1 << modalities.count)
    }
    for parts in [permuted, permutedWithinClass] where !parts.isEmpty && parts.count != modalities.count {
      throw .count(what: "permuted modalities", found: parts.count, expected: modalities.count)
    }
    guard alone.isEmpty || alone.count == modalities.count else {
      throw .count(what: "models of one modality", found: alone.count, expected: modalities.count)
    }
    let all = present + permuted.joined() + permutedWithinClass.joined() + alone + changed.map(\.predictions)
    for predictions in all {
      try predictions.check()
      guard predictions.count == full.count else {
        throw .count(what: "samples", found: predictions.count, expected: full.count)
      }
    }
  }
}
