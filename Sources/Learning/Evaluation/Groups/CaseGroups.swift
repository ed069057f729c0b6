/// How a model does for each group of people or places, where what is measured are means over cases: questions, phrases, queries.
/// Groups of fewer than ten samples are counted and not shown, as in `GroupMetrics`.
public struct CaseGroups: Encodable, Equatable, Sendable {
  /// What the groups are by.
  public var by: String
  /// In the order of their names.
  public var groups: [CaseGroupRow]
  /// Groups with too few samples, and how many samples these have together; samples of no group.
  public var hiddenGroups: Int
  public var hiddenSamples: Int
  public var ungrouped: Int
  /// By the figures' keys; none where fewer than two groups have the figure.
  public var gaps: [String: CaseGap]
  /// The figures in their order: key, name, and what it is of.
  let figures: [(key: String, name: String, unit: String)]

  private enum CodingKeys: String, CodingKey {
    case by, groups, ungrouped, gaps
    case hiddenGroups = "hidden_groups"
    case hiddenSamples = "hidden_samples"
  }

  /// - Parameters:
  ///   - names: of each sample's group; nil for one of none.
  ///   - clusters: which samples are no independent evidence.
  /// - Throws: `EvaluationError` where no sample with a case is of a group.
  public init(
    _ sets: [CaseSet], groups names: [String?], by: String, clusters: ImageClusters
  ) throws(EvaluationError) {
    for set in sets {
      for (what, count) in [("samples", set.samples.count)] + set.figures.map({ ($0.key, $0.values.count) })
      where count != set.samples.count {
        throw .count(what: "\(what) of \(set.unit)", found: count, expected: set.samples.count)
      }
      if let beyond = set.samples.first(where: { !names.indices.contains($0) }) {
        throw .count(what: "groups of samples", found: names.count, expected: beyond + 1)
      }
    }
    let measured = Set(sets.flatMap(\.samples)).sorted()
    var members: [String: [Int]] = [:]
    for sample in measured { if let name = names[sample] { members[name, default: []].append(sample) } }
    guard !members.isEmpty else { throw .noGroup(by: by) }
    let shown = members.filter { $0.value.count >= GroupMetrics.fewest }
      .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    let hidden = members.values.filter { $0.count < GroupMetrics.fewest }
    self.by = by
    (hiddenGroups, hiddenSamples) = (hidden.count, hidden.reduce(0) { $0 + $1.count })
    ungrouped = measured.count { names[$0] == nil }
    figures = sets.flatMap { set in set.figures.map { ($0.key, $0.name, set.unit) } }
    groups = shown.map { CaseGroupRow($0.key, Set($0.value), sets, clusters) }
    gaps = Self.gaps(sets, shown.map { ($0.key, Set($0.value)) }, clusters)
  }

  /// Of each figure; the groups are drawn together, so that an interval is that of the difference.
  private static func gaps(
    _ sets: [CaseSet], _ groups: [(name: String, samples: Set<Int>)], _ clusters: ImageClusters
  ) -> [String: CaseGap] {
    var gaps: [String: CaseGap] = [:]
    for set in sets {
      let places = groups.map { group in set.samples.indices.filter { group.samples.contains(set.samples[$0]) } }
      for figure in set.figures {
        let values = places.map { places in places.map { figure.values[$0] } }
        let rates = { (times: [Int]) in
          zip(values, places).map { values, places in weightedMean(values, places.map { times[set.samples[$0]] }) }
        }
        let all = rates(clusters.ofImage.map { _ in 1 })
        let known = groups.indices.filter { !all[$0].isNaN }
        guard known.count > 1, let lowest = known.min(by: { all[$0] < all[$1] }),
          let highest = known.reversed().max(by: { all[$0] < all[$1] })
        else { continue }
        let key = FigureKey(figure.key)
        gaps[figure.key] = CaseGap(
          gap: all[highest] - all[lowest], highest: groups[highest].name, lowest: groups[lowest].name,
          interval: ClusterBootstrap(clusters)?.intervals([key]) { [range(rates($0))] }[figure.key])
      }
    }
    return gaps
  }

  public static func == (a: CaseGroups, b: CaseGroups) -> Bool {
    a.by == b.by && a.groups == b.groups && a.gaps == b.gaps && a.ungrouped == b.ungrouped
      && (a.hiddenGroups, a.hiddenSamples) == (b.hiddenGroups, b.hiddenSamples)
  }
}

/// One group.
public struct CaseGroupRow: Encodable, Equatable, Sendable {
  public var name: String
  /// With a case at least.
  public var samples: Int
  /// By their keys; none of which the group has no case.
  public var figures: [String: CaseRate]

  init(_ name: String, _ samples: Set<Int>, _ sets: [CaseSet], _ clusters: ImageClusters) {
    (self.name, self.samples, figures) = (name, samples.count, [:])
    for set in sets {
      let places = set.samples.indices.filter { samples.contains(set.samples[$0]) }
      guard !places.isEmpty else { continue }
      for figure in set.figures {
        figures[figure.key] = CaseRate(
          places.map { figure.values[$0] }, clusters: places.map { clusters.ofImage[set.samples[$0]] })
      }
    }
  }
}

/// A figure of a group.
public struct CaseRate: Encodable, Equatable, Sendable {
  public var cases: Int
  /// The mean over cases, in percent.
  public var value: Double
  public var interval: Interval?
  /// How the interval was found.
  var rule: RateInterval.Rule?

  private enum CodingKeys: String, CodingKey {
    case cases, value, interval
    case rule = "interval_by"
  }

  init(_ values: [Double], clusters: [Int]) {
    let found = RateInterval(values, clusters: clusters)
    (cases, value) = (values.count, weightedMean(values, values.map { _ in 1 }))
    (interval, rule) = (found.interval, found.rule)
  }
}

/// The largest value of a figure less the smallest.
public struct CaseGap: Encodable, Equatable, Sendable {
  public var gap: Double
  public var highest: String
  public var lowest: String
  public var interval: Interval?
}
