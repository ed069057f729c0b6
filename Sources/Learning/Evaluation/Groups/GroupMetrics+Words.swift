internal import Reporting

extension GroupMetrics {
  /// All of it, for a terminal.
  public var lines: [String] {
    let heading = ["by \(printable(by))", "samples", "right", "calibration error"]
    let rows = groups.map { row in
      [
        printable(row.name, limit: 40), "\(row.samples)",
        figure(row.accuracy, 1, " %", row.interval.map { ["right": $0] }, FigureKey("right")),
        row.ece.map { decimals($0, 3) } ?? "–",
      ]
    }
    return aligned([heading] + rows) + gapLines + remarks
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
    var remarks: [String] = []
    if hiddenGroups > 0 {
      remarks.append(
        "\(hiddenGroups) groups of fewer than \(Self.fewest) samples are not shown (\(hiddenSamples) samples)")
    }
    if ungrouped > 0 { remarks.append("\(ungrouped) samples are of no group") }
    if groups.count < 2 { remarks.append("with fewer than two groups of that size there is no gap") }
    return remarks
  }
}
