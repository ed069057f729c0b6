/// How a model does for each group of people or places: how far apart the groups are says more than the mean of all.
///
/// Groups of fewer than ten samples are counted and not shown: what is right of one sample is anything between 21 and 100 percent, and a
/// small group may be recognised.
public struct GroupMetrics: Codable, Equatable, Sendable {
  /// What the groups are by.
  public var by: String
  /// In the order of their names.
  public var groups: [GroupRow]
  /// Groups with too few samples, and how many samples these have together; samples of no group.
  public var hiddenGroups: Int
  public var hiddenSamples: Int
  public var ungrouped: Int
  /// The largest accuracy less the smallest, in percent; nil where fewer than two groups are shown.
  public var gap: Double?
  /// The largest difference between groups of how many of a class are found, or of how many others are taken for it, over all classes
  /// and of those groups that can tell, in percent (Hardt, Price and Srebro, NeurIPS 2016).
  public var equalisedOdds: Double?
  /// The largest difference of how often a class is said, in percent: for reference, as groups may differ in truth.
  public var demographicParity: Double?
  /// 95 % intervals of the gaps by their keys, where they were asked for.
  public var intervals: [String: Interval]?

  enum CodingKeys: String, CodingKey {
    case by, groups, ungrouped, gap, intervals
    case hiddenGroups = "hidden_groups"
    case hiddenSamples = "hidden_samples"
    case equalisedOdds = "equalised_odds_gap"
    case demographicParity = "demographic_parity_gap"
  }

  /// The fewest samples of a group that is shown.
  public static let fewest = 10

  /// - Parameters:
  ///   - groups: the name of each sample's group; nil for one of none.
  ///   - by: what they are by.
  ///   - clusters: which samples are no independent evidence within a group; nil takes those of the predictions.
  /// - Throws: `EvaluationError` where no sample is of a group.
  public init(
    _ all: ClassPredictions, groups names: [String?], by: String, clusters: ImageClusters? = nil,
    hasIntervals: Bool = false
  ) throws(EvaluationError) {
    var all = all
    if let clusters { all.clusters = clusters.ofImage }
    try all.check()
    guard names.count == all.count else { throw .count(what: "groups", found: names.count, expected: all.count) }
    let known = all.targets.indices.filter { all.isSeveral || !all.targets[$0].isEmpty }
    guard known.contains(where: { names[$0] != nil }) else { throw .noGroup(by: by) }
    let members = known.enumerated().reduce(into: [String: [Int]]()) { members, entry in
      if let name = names[entry.element] { members[name, default: []].append(entry.offset) }
    }
    let shown = members.filter { $0.value.count >= Self.fewest }.sorted { $0.key < $1.key }
    let hidden = members.values.filter { $0.count < Self.fewest }
    let predictions = all.selecting(known)
    let figures = GroupFigures(predictions, shown.map(\.value))
    self.by = by
    (hiddenGroups, hiddenSamples) = (hidden.count, hidden.reduce(0) { $0 + $1.count })
    ungrouped = known.count { names[$0] == nil }
    self.groups = shown.map { GroupRow($0.key, predictions.selecting($0.value)) }
    let gaps = figures.gaps([Int](repeating: 1, count: known.count)).map { $0.isNaN ? nil : $0 }
    (gap, equalisedOdds, demographicParity) = (gaps[0], gaps[1], gaps[2])
    let bootstrap = hasIntervals ? ClusterBootstrap(ImageClusters(predictions.clusters)) : nil
    intervals = bootstrap?.intervals([CodingKeys.gap, .equalisedOdds, .demographicParity], figures.gaps)
  }
}

/// What is needed to compare groups in any resample.
private struct GroupFigures {
  /// The places of each group's samples, and what is known of these.
  private let groups: [(members: [Int], figures: ClassFigures)]

  init(_ predictions: ClassPredictions, _ groups: [[Int]]) {
    self.groups = groups.map { ($0, ClassFigures(predictions.selecting($0))) }
  }

  /// Of accuracies, of rates of what is found and what is wrongly said, of what is said; NaN where there is nothing to compare.
  func gaps(_ times: [Int]) -> [Double] {
    let drawn = groups.map { group in (group.figures, group.members.map { times[$0] }) }
    let accuracies = drawn.map { figures, times in
      100 * Double(figures.isRight.indices.reduce(0) { $0 + (figures.isRight[$1] ? times[$1] : 0) })
        / Double(times.reduce(0, +))
    }
    let counts = drawn.map { $0.counts($1) }
    let classes = counts.first?.indices ?? 0..<0
    func widest(_ rates: [(ClassCounts) -> Double]) -> Double {
      let ranges = classes.flatMap { number in
        rates.map { rate in range(counts.map { 100 * rate($0[number]) }) }
      }
      return ranges.filter { !$0.isNaN }.max() ?? .nan
    }
    return [
      range(accuracies), widest([\.recall, \.falsePositiveRate]), widest([{ Double($0.taken) / Double($0.samples) }]),
    ]
  }
}
