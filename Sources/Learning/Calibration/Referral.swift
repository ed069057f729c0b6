internal import Evaluation

/// What a calibrated model says of a new sample, and why somebody else should look at it where somebody should.
public struct Referral: Equatable, Sendable {
  /// Of each class, at the temperature; NaN where a logit is no number.
  public var probabilities: [Double]
  /// How sure the model is of what it says, at the temperature; nil where a logit is no number.
  public var confidence: Double?
  /// The numbers of the classes that are possible, the likeliest first; nil where sets say nothing.
  public var possible: [Int]?
  /// Empty where what is said may be taken.
  public var reasons: [Reason]

  /// Whether somebody else should look at it.
  public var isReferred: Bool { !reasons.isEmpty }

  /// Why a sample is referred.
  public enum Reason: String, Codable, Sendable {
    /// The model has given something that is no number.
    case notFinite = "not_finite"
    /// Something that the task reads is not there.
    case missingInput = "missing_input"
    /// It is less sure than it has to be for the target.
    case unsure
    /// The calibration could promise the target for no sample.
    case nothingPromised = "nothing_promised"
    /// More than one class is possible.
    case severalPossible = "several_possible"
    /// No class is: the sample is like none that the calibration has seen.
    case nonePossible = "none_possible"

    /// In words.
    public var words: String {
      switch self {
      case .notFinite: "the model gives something that is no number"
      case .missingInput: "something that the task reads is missing"
      case .unsure: "the model is less sure than it has to be"
      case .nothingPromised: "the calibration could promise nothing"
      case .severalPossible: "more than one class is possible"
      case .nonePossible: "no class is possible: the sample is like none of the calibration's"
      }
    }
  }

  /// - Parameters:
  ///   - logits: of the sample [A].
  ///   - isComplete: whether all is there that the task reads.
  public init(_ logits: [Float], isComplete: Bool = true, by calibration: Calibration) {
    let sample = ClassPredictions(
      classes: calibration.classes, logits: logits, targets: [[]], clusters: [0], isSeveral: calibration.isSeveral
    ).tempered(by: calibration.temperature.value)
    probabilities = sample.probabilities(of: 0)
    guard sample.isFinite(0) else {
      reasons = [.notFinite]
      return
    }
    reasons = isComplete ? [] : [.missingInput]
    let confidence = sample.verdicts()[0].confidence
    self.confidence = confidence
    if let least = calibration.refusal.confidence {
      if confidence < least { reasons.append(.unsure) }
    } else {
      reasons.append(.nothingPromised)
    }
    possible = calibration.sets?.possible(probabilities)
    if let possible, possible.count != 1 { reasons.append(possible.isEmpty ? .nonePossible : .severalPossible) }
  }
}
