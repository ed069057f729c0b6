/// A model beside others that were asked the same: those that saw one modality alone, and what would be right without seeing anything.
/// In percent, and in percent points; differences are those of pairs.
public struct BesideMetrics: Codable, Equatable, Sendable {
  public var samples: Int
  /// The model itself.
  public var accuracy: FusionFigure
  public var others: [BesideRow]
  /// The accuracy less that of the best model of one modality; nil where not every modality has one.
  public var gain: FusionFigure?
  /// What is not said and why, and what makes the comparison less than fair.
  public var remarks: [String]

  /// Something that answers as well.
  public struct Other: Sendable {
    public var name: String
    /// The one that it saw, of a model; nil for what is no model.
    public var modality: String?
    public var judged: JudgedSplit

    public init(name: String, modality: String?, judged: JudgedSplit) {
      (self.name, self.modality, self.judged) = (name, modality, judged)
    }
  }

  /// - Parameters:
  ///   - modalities: those that the model reads.
  ///   - remarks: what makes the comparison less than fair.
  ///   - clusters: the number of each sample's image or group.
  /// - Throws: `EvaluationError` where they are not of the same samples, or nobody knows what is right.
  public init(
    _ own: JudgedSplit, _ others: [Other], modalities: [String], clusters: [Int], remarks: [String] = [],
    hasIntervals: Bool = false
  ) throws(EvaluationError) {
    for found in others.map(\.judged.count) + [clusters.count] where found != own.count {
      throw .count(what: "samples", found: found, expected: own.count)
    }
    let known = own.percent.indices.filter { own.percent[$0] != nil }
    guard !known.isEmpty else { throw .empty(what: "samples of which it is known what is right") }
    let bootstrap = hasIntervals ? ClusterBootstrap(ImageClusters(known.map { clusters[$0] })) : nil
    func right(_ judged: JudgedSplit) -> [Double] { known.map { judged.percent[$0] ?? 0 } }
    func figure(_ value: ([Int]) -> Double) -> FusionFigure? { FusionFigure(known.count, bootstrap, value) }
    let full = right(own)
    samples = known.count
    accuracy = figure { mean(full, $0) } ?? FusionFigure(value: 0)
    self.others = others.compactMap { other in
      let its = right(other.judged)
      return figure { mean(its, $0) }.map { accuracy in
        BesideRow(
          name: other.name, modality: other.modality, accuracy: accuracy,
          difference: figure { mean(full, $0) - mean(its, $0) })
      }
    }
    let missing = modalities.filter { modality in !others.contains { $0.modality == modality } }
    let alone = others.filter { $0.modality != nil }.map { right($0.judged) }
    gain = missing.isEmpty ? figure { times in mean(full, times) - (alone.map { mean($0, times) }.max() ?? .nan) } : nil
    let unsaid = "the gain over the best of one modality is not said, as there is no model of "
    self.remarks = remarks + (missing.isEmpty ? [] : [unsaid + missing.joined(separator: " alone and of ") + " alone"])
  }
}

/// One of the others.
public struct BesideRow: Codable, Equatable, Sendable {
  public var name: String
  public var modality: String?
  public var accuracy: FusionFigure
  /// The model's accuracy less this.
  public var difference: FusionFigure?
}

extension BesideMetrics {
  /// For a terminal.
  public var lines: [String] {
    aligned(
      [
        ["beside it, on \(samples) samples", "accuracy", "the model's less that"],
        ["the model", accuracy.words(" %"), ""],
      ]
        + others.map { [$0.name, $0.accuracy.words(" %"), $0.difference?.words(" points") ?? ""] }
        + (gain.map { [["gain over the best of one modality", "", $0.words(" points")]] } ?? []))
      + remarks
  }
}

private func mean(_ values: [Double], _ times: [Int]) -> Double {
  zip(values, times).reduce(0.0) { $0 + $1.0 * Double($1.1) } / Double(times.reduce(0, +))
}
