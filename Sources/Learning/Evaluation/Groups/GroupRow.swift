/// One group.
public struct GroupRow: Codable, Equatable, Sendable {
  public var name: String
  public var samples: Int
  public var right: Int
  /// Percent of the samples that are right, and 95 % of it.
  public var accuracy: Double
  public var interval: Interval?
  /// How the interval was found.
  var rule: RateInterval.Rule?
  /// The mean over classes of how many of a class are found, and of how many others are taken for it, in percent; nil where the group has
  /// nobody of whom that could be said.
  public var truePositiveRate: Double?
  public var falsePositiveRate: Double?
  /// Of each class; nil where they are too many to look at each.
  public var byClass: [GroupClassRow]?
  /// The calibration error in bins of equal width, as a share of 1.
  public var ece: Double?

  private enum CodingKeys: String, CodingKey {
    case name, samples, right, accuracy, interval, ece
    case rule = "interval_by"
    case truePositiveRate = "true_positive_rate"
    case falsePositiveRate = "false_positive_rate"
    case byClass = "by_class"
  }

  init(_ name: String, _ predictions: ClassPredictions) {
    let (figures, once) = (ClassFigures(predictions), [Int](repeating: 1, count: predictions.count))
    (self.name, samples) = (name, predictions.count)
    right = figures.isRight.count { $0 }
    accuracy = 100 * Double(right) / Double(samples)
    let found = RateInterval(figures.isRight.map { $0 ? 100 : 0 }, clusters: predictions.clusters)
    (interval, rule) = (found.interval, found.rule)
    let counts = figures.counts(once)
    truePositiveRate = meanRate(counts.map(\.recall))
    falsePositiveRate = meanRate(counts.map(\.falsePositiveRate))
    byClass = figures.isDetailed ? zip(predictions.classes, counts).map { GroupClassRow($0, $1) } : nil
    ece = figures.calibration?.equalWidth(once)
  }
}

/// A class within a group.
public struct GroupClassRow: Codable, Equatable, Sendable {
  public var name: String
  /// Of the class, and of none or others.
  public var samples: Int
  public var others: Int
  /// In percent; nil of fewer than ten, of which a rate says nothing.
  public var truePositiveRate: Double?
  public var falsePositiveRate: Double?

  private enum CodingKeys: String, CodingKey {
    case name, samples, others
    case truePositiveRate = "true_positive_rate"
    case falsePositiveRate = "false_positive_rate"
  }

  init(_ name: String, _ counts: ClassCounts) {
    (self.name, samples, others) = (name, counts.truths, counts.samples - counts.truths)
    truePositiveRate = samples < GroupMetrics.fewest ? nil : 100 * counts.recall
    falsePositiveRate = others < GroupMetrics.fewest ? nil : 100 * counts.falsePositiveRate
  }
}

/// In percent, of those that there are.
private func meanRate(_ rates: [Double]) -> Double? {
  let known = rates.filter { !$0.isNaN }
  return known.isEmpty ? nil : 100 * known.reduce(0, +) / Double(known.count)
}
