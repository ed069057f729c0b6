internal import Reporting

extension GroupMetrics {
  /// All of it, for a terminal.
  public var lines: [String] {
    let heading = ["by \(printable(by))", "samples", "right", "found", "wrongly said", "calibration error"]
    let rows = groups.map { row in
      [
        printable(row.name, limit: 40), "\(row.samples)",
        figure(row.accuracy, 1, " %", row.interval.map { ["right": $0] }, FigureKey("right")),
        row.truePositiveRate.map { decimals($0, 1) + " %" } ?? "–",
        row.falsePositiveRate.map { decimals($0, 1) + " %" } ?? "–",
        row.ece.map { decimals($0, 3) } ?? "–",
      ]
    }
    return (groups.isEmpty ? [] : aligned([heading] + rows)) + gapLines + remarks
  }

  private var gapLines: [String] {
    let gaps: [(CodingKeys, String, Double?)] = [
      (.gap, "between the best and the worst", gap),
      (.equalisedOdds, "of equalised odds, over all classes", equalisedOdds),
      (.demographicParity, "of what is said, over all classes (groups may differ in truth)", demographicParity),
    ]
    return gaps.compactMap { key, name, value in
      value.map { "gap \(name): \(figure($0, 1, " points", intervals, key))" }
    }
  }

  private var remarks: [String] {
    let rules = Set(groups.compactMap(\.rule))
    return groupRemarks(by: by, shown: groups.count, hidden: (hiddenGroups, hiddenSamples), ungrouped: ungrouped)
      + (groups.isEmpty
        ? []
        : [
          "found, wrongly said: of each class those of it, and the others, that are taken for it; the mean over classes",
          "in brackets: 95 % intervals; of what is right \(RateInterval.words(rules)) (docs/evaluation.md)",
        ])
  }
}
