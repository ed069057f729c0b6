public import Reporting

/// Why a model cannot be calibrated on some samples, or a calibration not be used.
public enum CalibrationFailure: ReportableError {
  /// The logits are no better than equal ones.
  case nothingKnown(samples: Int)
  /// Nothing is wrong at any temperature, so that the least is none.
  case noMistake(samples: Int)
  /// The model has given something that is no number.
  case notFinite(samples: Int, of: Int)
  /// It says less than is known of any.
  case tooFew(samples: Int, needed: Int, isPart: Bool)
  /// It was made for other weights, or for other classes.
  case otherWeights(path: String, made: String, found: String)
  case otherClasses(path: String)
  /// It cannot be read.
  case unreadable(path: String, reason: String)

  public var description: String {
    switch self {
    case .nothingKnown(let samples):
      "on these \(samples) samples the model knows no more of the classes than chance, so no temperature makes its probabilities true; "
        + "train it first, or choose a split that is like what it was trained on"
    case .noMistake(let samples):
      "the model makes no mistake on these \(samples) samples, so they do not tell how sure it may be; calibrate on samples that it was "
        + "not trained on, and on more of them"
    case .notFinite(let samples, let count):
      "for \(samples) of \(count) samples the model gives something that is no number; look for what has gone wrong in training"
    case .tooFew(let samples, let needed, let isPart):
      isPart
        ? "not enough data to divide: \(samples) samples with a known class in the smallest of three parts, and at least \(needed) are needed, "
          + "\(3 * needed) in all; calibrate on a larger split, or leave --divide out"
        : "not enough data: \(samples) samples with a known class, and at least \(needed) are needed; calibrate on a larger split"
    case .otherWeights(let path, let made, let found):
      "\(printable(path)) was made for other weights (\(made.prefix(12))) than those beside it (\(found.prefix(12))); run mmtrain "
        + "calibrate again, or remove it"
    case .otherClasses(let path):
      "\(printable(path)) was made for other classes than the model has; run mmtrain calibrate again, or remove it"
    case .unreadable(let path, let reason):
      "\(printable(path)): \(reason); run mmtrain calibrate again, or remove it"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .otherWeights, .otherClasses: .missingInput
    default: .badData
    }
  }
}
