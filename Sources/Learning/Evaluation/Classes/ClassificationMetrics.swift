/// How well a model tells classes, and how far it is to be believed.
///
/// A figure that has no value on a split is left out: one of probabilities where the model has given something that is no number, the area
/// of a class that every sample is of.
public struct ClassificationMetrics: Codable, Equatable, Sendable {
  /// Samples whose class is known, and those that were left out because it is not.
  public var samples: Int
  public var unlabelled: Int
  /// Whether several classes may be true of one sample, or none.
  public var isSeveral: Bool
  /// Samples for which the model has given something that is no number. They count as wrong.
  public var notFinite: Int
  /// Percent of the samples whose likeliest class is true; where several may be, of which all is said as it is.
  public var accuracy: Double
  /// In percent the mean over classes of how many of a class's samples are found; where several may be true, the mean of that and of how
  /// many of the others are left alone.
  public var balancedAccuracy: Double?
  /// In percent the mean over classes of 2 · hits / (true + taken), of those that are either.
  public var macroF1: Double?
  /// The mean over classes of the probability that a sample of the class scores above another, ties counting half, as a share of 1.
  public var auroc: Double?
  /// The mean of −log of the probability of what is true; where several may be, over samples and classes.
  public var nll: Double?
  /// The mean over samples of the sum over classes of (p − y)², from 0 to 2 (Brier, 1950); where several may be true the mean over classes,
  /// from 0 to 1.
  public var brier: Double?
  /// Of the likeliest class's probability, or where several may be true of all: 15 bins of equal width, as a share of 1.
  public var ece: Double?
  /// The same of 15 bins of equal numbers.
  public var eceEqualMass: Double?
  /// The mean over classes of the same of each one's probability; not of many classes.
  public var eceByClass: Double?
  /// What `ece` would be on average if all that is stated came true as often as it says, at this number of samples.
  public var eceIfCalibrated: Double?
  /// The area under the curve of errors over the share of samples that is taken, the surest first.
  public var aurc: Double?
  /// Of that area what is the order's fault.
  public var excessAurc: Double?
  /// One row for each class, in order.
  public var byClass: [ClassRow]
  /// Rows of the true class, columns of the one that was taken; not where several may be true, nor of many classes.
  public var confusion: [[Int]]?
  public var riskCoverage: [RiskCoveragePoint]
  /// What heads of single modalities tell, where there are such.
  public var apart: [ApartAccuracy]?
  /// 95 % intervals by the figures' keys, where they were asked for.
  public var intervals: [String: Interval]?
  /// For a page, where somebody asked.
  public var exhibits: [Exhibit] = []

  /// Of more classes than these there is no `auroc` and no `confusion`.
  public static let mostClassesInDetail = 100

  enum CodingKeys: String, CodingKey {
    case samples, unlabelled, accuracy, auroc, nll, brier, ece, aurc, confusion, intervals, apart
    case isSeveral = "several"
    case notFinite = "not_finite"
    case balancedAccuracy = "balanced_accuracy"
    case macroF1 = "macro_f1"
    case eceEqualMass = "ece_equal_mass"
    case eceByClass = "ece_by_class"
    case eceIfCalibrated = "ece_if_calibrated"
    case excessAurc = "excess_aurc"
    case byClass = "by_class"
    case riskCoverage = "risk_coverage"
  }

  /// - Parameter hasIntervals: whether figures get their intervals, over the clusters of the samples.
  public init(_ all: ClassPredictions, hasIntervals: Bool = false) throws(EvaluationError) {
    try all.check()
    let predictions = all.labelled
    guard predictions.count > 0 else { throw .empty(what: "samples with a known class") }
    (samples, unlabelled) = (predictions.count, all.count - predictions.count)
    isSeveral = predictions.isSeveral
    notFinite = (0..<predictions.count).count { !predictions.isFinite($0) }
    apart = all.apart
    let figures = ClassFigures(predictions)
    let once = [Int](repeating: 1, count: predictions.count)
    let values = figures(once)
    let known = values.map { $0.isNaN ? nil : $0 }
    accuracy = values[0]
    (balancedAccuracy, macroF1, auroc) = (known[1], known[2], known[3])
    (nll, brier, ece, eceEqualMass) = (known[4], known[5], known[6], known[7])
    (aurc, excessAurc) = (known[8], known[9])
    eceByClass = figures.classCalibration.isNaN ? nil : figures.classCalibration
    eceIfCalibrated = figures.calibration?.ifCalibrated(once)
    byClass = figures.counts(once).enumerated().map { number, counts in
      ClassRow(predictions.classes[number], counts, area: figures.area(of: number))
    }
    confusion = isSeveral || !figures.isDetailed ? nil : figures.confusion
    riskCoverage = figures.coverage.curve(samples: predictions.count)
    let bootstrap = hasIntervals ? ClusterBootstrap(ImageClusters(predictions.clusters)) : nil
    intervals = bootstrap?.intervals(ClassFigures.keys, figures.callAsFunction)
  }

  /// The classes that no sample is of.
  public var missingClasses: [String] { byClass.filter { $0.samples == 0 }.map(\.name) }
}

/// How well one class is told.
public struct ClassRow: Codable, Equatable, Sendable {
  public var name: String
  /// How many samples are of it, how many were taken to be, and how many of these are.
  public var samples: Int
  public var taken: Int
  public var hits: Int
  /// In percent, nil where there is nothing of the kind: of those of the class, of those taken.
  public var recall: Double?
  public var precision: Double?
  /// In percent.
  public var f1: Double?
  /// Against all others, as a share of 1.
  public var auroc: Double?

  init(_ name: String, _ counts: ClassCounts, area: Double) {
    let known = { (value: Double) in value.isNaN ? nil : value }
    (self.name, samples, taken, hits) = (name, counts.truths, counts.taken, counts.hits)
    (recall, precision) = (known(100 * counts.recall), known(100 * counts.precision))
    (f1, auroc) = (known(100 * counts.f1), known(area))
  }
}
