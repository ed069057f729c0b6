public import Evaluation

/// What is known of how far a model is to be believed: fitted to samples of a split that it was not trained on, and true of these weights
/// alone.
public struct Calibration: Codable, Equatable, Sendable {
  public var version: Int
  /// What it was fitted for and to, as hashes.
  public var weights: String
  public var calibrationSet: String
  public var dataSet: String
  public var split: String
  public var samples: Int
  public var classes: [String]
  public var isSeveral: Bool
  public var temperature: Temperature
  /// As the model states it, and at the temperature.
  public var before: StatedFigures
  public var after: StatedFigures
  public var refusal: RefusalThreshold
  /// Nil where several classes may be true.
  public var sets: ConformalSets?

  enum CodingKeys: String, CodingKey {
    case version, weights, split, samples, classes, temperature, before, after, refusal, sets
    case calibrationSet = "calibration_set"
    case dataSet = "data"
    case isSeveral = "several"
  }

  /// What a calibration is made for.
  public struct Aim: Sendable {
    /// The share of mistakes among what is not referred, and how often that promise may be wrong.
    public var risk = 0.1
    public var doubt = 0.05
    /// How often the true class may be missing from those that are possible.
    public var miss = 0.1
    public var rule = ConformalSets.Rule.least

    public init() {}
  }

  /// Where the samples come from.
  public struct Source: Sendable {
    public var weights: String
    public var calibrationSet: String
    public var dataSet: String
    public var split: String

    public init(weights: String, calibrationSet: String, dataSet: String, split: String) {
      (self.weights, self.calibrationSet, self.dataSet, self.split) = (weights, calibrationSet, dataSet, split)
    }
  }

  /// How many labelled samples a temperature takes.
  public static let fewestSamples = 20

  /// Temperature, threshold and sets come from the same samples, which is usual for one number of the temperature's kind, but is no
  /// promise to the letter.
  /// - Throws: `EvaluationError` for predictions that are none, `CalibrationFailure` for such as no calibration can be made of.
  public init(_ all: ClassPredictions, from source: Source, aim: Aim = Aim()) throws {
    try all.check()
    let predictions = all.labelled
    guard predictions.count >= Self.fewestSamples else {
      throw CalibrationFailure.tooFew(samples: predictions.count, needed: Self.fewestSamples)
    }
    let broken = (0..<predictions.count).count { !predictions.isFinite($0) }
    guard broken == 0 else { throw CalibrationFailure.notFinite(samples: broken, of: predictions.count) }
    temperature = try Temperature(predictions)
    let tempered = predictions.tempered(by: temperature.value)
    (version, weights, calibrationSet) = (Self.version, source.weights, source.calibrationSet)
    (dataSet, split, samples) = (source.dataSet, source.split, predictions.count)
    (classes, isSeveral) = (predictions.classes, predictions.isSeveral)
    (before, after) = (try StatedFigures(predictions), try StatedFigures(tempered))
    let verdicts = tempered.verdicts()
    refusal = RefusalThreshold(
      verdicts.map(\.confidence), verdicts.map(\.isRight), risk: aim.risk, doubt: aim.doubt)
    sets =
      predictions.isSeveral
      ? nil
      : ConformalSets(
        (0..<predictions.count).map { tempered.probabilities(of: $0) }, predictions.targets.map { $0[0] },
        classes: predictions.classes.count, miss: aim.miss, rule: aim.rule)
  }

  static let version = 1
}

/// Figures of what a model states.
public struct StatedFigures: Codable, Equatable, Sendable {
  public var nll: Double
  public var brier: Double
  public var ece: Double
  public var eceEqualMass: Double
  public var eceIfCalibrated: Double
  public var aurc: Double
  public var reliability: [ReliabilityBin]

  enum CodingKeys: String, CodingKey {
    case nll, brier, ece, aurc, reliability
    case eceEqualMass = "ece_equal_mass"
    case eceIfCalibrated = "ece_if_calibrated"
  }

  /// - Throws: `CalibrationFailure` where a figure has no value: none is made up.
  init(_ predictions: ClassPredictions) throws {
    let metrics = try ClassificationMetrics(predictions)
    guard let nll = metrics.nll, let brier = metrics.brier, let ece = metrics.ece, let aurc = metrics.aurc,
      let eceEqualMass = metrics.eceEqualMass, let eceIfCalibrated = metrics.eceIfCalibrated
    else { throw CalibrationFailure.notFinite(samples: metrics.notFinite, of: metrics.samples) }
    (self.nll, self.brier, self.ece, self.aurc) = (nll, brier, ece, aurc)
    (self.eceEqualMass, self.eceIfCalibrated) = (eceEqualMass, eceIfCalibrated)
    reliability = predictions.reliability()
  }
}
