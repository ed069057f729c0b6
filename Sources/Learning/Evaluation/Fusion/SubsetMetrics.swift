/// What a model tells from each subset of what it reads, what is left out being replaced by what is learnt for that. In percent, over the
/// same samples in each.
public struct SubsetMetrics: Codable, Equatable, Sendable {
  public var samples: Int
  /// Those of the most modalities first.
  public var subsets: [SubsetRow]
  /// What makes a row less than it seems.
  public var remarks: [String]

  /// - Parameters:
  ///   - subsets: of the modalities, with what is told from each.
  ///   - clusters: the number of each sample's image or group.
  /// - Throws: `EvaluationError` where they are not of the same samples, or nobody knows what is right.
  public init(
    _ subsets: [(modalities: [String], judged: JudgedSplit)], clusters: [Int], remarks: [String] = [],
    hasIntervals: Bool = false
  ) throws(EvaluationError) {
    for found in subsets.map(\.judged.count) where found != clusters.count {
      throw .count(what: "samples", found: found, expected: clusters.count)
    }
    guard let whole = subsets.first?.judged else { throw .empty(what: "subsets") }
    let known = clusters.indices.filter { whole.percent[$0] != nil }
    guard !known.isEmpty else { throw .empty(what: "samples of which it is known what is right") }
    let bootstrap = hasIntervals ? ClusterBootstrap(ImageClusters(known.map { clusters[$0] })) : nil
    let right = subsets.map { subset in known.map { subset.judged.percent[$0] ?? 0 } }
    (samples, self.remarks) = (known.count, remarks)
    self.subsets = subsets.enumerated().map { place, subset in
      SubsetRow(
        modalities: subset.modalities,
        accuracy: FusionFigure(known.count, bootstrap) { mean(right[place], $0) } ?? FusionFigure(value: 0),
        difference: place == 0
          ? nil : FusionFigure(known.count, bootstrap) { mean(right[place], $0) - mean(right[0], $0) })
    }
  }
}

/// What is told from some modalities.
public struct SubsetRow: Codable, Equatable, Sendable {
  public var modalities: [String]
  public var accuracy: FusionFigure
  /// The accuracy less that of all of them together; nil for all.
  public var difference: FusionFigure?
}

extension SubsetMetrics {
  /// For a terminal.
  public var lines: [String] {
    aligned(
      [["told from, on \(samples) samples", "accuracy", "less that of all"]]
        + subsets.map {
          [$0.modalities.joined(separator: ", "), $0.accuracy.words(" %"), $0.difference?.words(" points") ?? ""]
        }) + ["learned tokens stand in the place of what is left out"] + remarks
  }
}

private func mean(_ values: [Double], _ times: [Int]) -> Double {
  zip(values, times).reduce(0.0) { $0 + $1.0 * Double($1.1) } / Double(times.reduce(0, +))
}
