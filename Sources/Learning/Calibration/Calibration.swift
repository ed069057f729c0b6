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
  /// The temperature that the samples had and that is not used, as one found on half of them made the other half's probabilities no truer:
  /// then `temperature` is 1.
  public var uselessTemperature: Double?
  /// How many samples each number comes from, where each has samples of its own.
  public var parts: CalibrationParts?
  /// Samples of which something is true that is none of the classes, as an answer that is not of the list. They count as mistakes, and tell
  /// nothing of the temperature.
  public var outside: Int?
  /// As the model states it, and at the temperature; of samples that the temperature has not seen, where it has some of its own.
  public var before: StatedFigures
  public var after: StatedFigures
  public var refusal: RefusalThreshold
  /// Nil where several classes may be true.
  public var sets: ConformalSets?

  enum CodingKeys: String, CodingKey {
    case version, weights, split, samples, classes, temperature, parts, outside, before, after, refusal, sets
    case uselessTemperature = "useless_temperature"
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
    /// Whether temperature, threshold and sets come from samples of their own.
    public var isDivided = false

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
  /// promise to the letter; or each from a third of them.
  /// - Throws: `EvaluationError` for predictions that are none, `CalibrationFailure` for such as no calibration can be made of.
  public init(_ all: ClassPredictions, from source: Source, aim: Aim = Aim()) throws {
    try all.check()
    let (outside, isSeveral) = (Set(all.outside), all.isSeveral)
    let known = all.targets.indices.filter { isSeveral || !all.targets[$0].isEmpty || outside.contains($0) }
    let broken = known.count { !all.isFinite($0) }
    guard broken == 0 else { throw CalibrationFailure.notFinite(samples: broken, of: known.count) }
    let parts = aim.isDivided ? divided(known, all.clusters, into: 3) : [known, known, known]
    let labelled = { (samples: [Int]) in all.selecting(samples.filter { !outside.contains($0) }) }
    let smallest = parts.map { labelled($0).count }.min() ?? 0
    guard smallest >= Self.fewestSamples else {
      throw CalibrationFailure.tooFew(samples: smallest, needed: Self.fewestSamples, isPart: aim.isDivided)
    }
    let fitted = labelled(parts[0])
    temperature = try Temperature(fitted)
    if Temperature.isUseless(on: fitted) {
      uselessTemperature = temperature.value
      temperature = .none(costing: temperature.costBefore)
    }
    (version, weights, calibrationSet) = (Self.version, source.weights, source.calibrationSet)
    (dataSet, split, samples) = (source.dataSet, source.split, known.count)
    (classes, self.isSeveral) = (all.classes, isSeveral)
    self.outside = outside.isEmpty ? nil : outside.count
    self.parts = aim.isDivided ? CalibrationParts(parts) : nil
    let stated = aim.isDivided ? labelled(parts[1] + parts[2]) : fitted
    (before, after) = (try StatedFigures(stated), try StatedFigures(stated.tempered(by: temperature.value)))
    let verdicts = all.selecting(parts[1]).tempered(by: temperature.value).verdicts()
    refusal = RefusalThreshold(
      verdicts.map(\.confidence), verdicts.map(\.isRight), risk: aim.risk, doubt: aim.doubt)
    let judged = all.selecting(parts[2]).tempered(by: temperature.value)
    sets =
      isSeveral
      ? nil
      : ConformalSets(
        (0..<judged.count).map { judged.probabilities(of: $0) }, judged.targets.map(\.first),
        classes: all.classes.count, miss: aim.miss, rule: aim.rule)
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
  /// How much is wrong of what is taken, the surest first; nil in what older versions wrote.
  public var riskCoverage: [RiskCoveragePoint]?

  enum CodingKeys: String, CodingKey {
    case nll, brier, ece, aurc, reliability
    case riskCoverage = "risk_coverage"
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
    (reliability, riskCoverage) = (predictions.reliability(), metrics.riskCoverage)
  }
}
