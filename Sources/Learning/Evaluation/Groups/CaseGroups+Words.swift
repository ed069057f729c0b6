internal import Reporting

extension CaseGroups {
  /// All of it, for a terminal.
  public var lines: [String] {
    let heading = ["by \(printable(by))", "samples"] + figures.map(\.name)
    let rows = groups.map { row in
      [printable(row.name, limit: 40), "\(row.samples)"]
        + figures.map { entry in
          row.figures[entry.key].map {
            figure($0.value, 1, " %", $0.interval.map { [entry.key: $0] }, FigureKey(entry.key))
          } ?? "–"
        }
    }
    return (groups.isEmpty ? [] : aligned([heading] + rows)) + gapLines + remarks
  }

  private var gapLines: [String] {
    figures.compactMap { entry in
      gaps[entry.key].map { gap in
        let words = figure(gap.gap, 1, " points", gap.interval.map { [entry.key: $0] }, FigureKey(entry.key))
        return
          "gap of \(entry.name) between \(printable(gap.highest, limit: 40)) and \(printable(gap.lowest, limit: 40)): "
          + words
      }
    }
  }

  private var remarks: [String] {
    var remarks = groupRemarks(
      by: by, shown: groups.count, hidden: (hiddenGroups, hiddenSamples), ungrouped: ungrouped)
    let rules = Set(groups.flatMap { $0.figures.values.compactMap(\.rule) })
    if !rules.isEmpty {
      remarks.append("in brackets: 95 % intervals, \(RateInterval.words(rules)) (docs/evaluation.md)")
    }
    return remarks
  }
}

extension RateInterval {
  /// How intervals were found.
  static func words(_ rules: Set<Rule>) -> String {
    rules.contains(.bootstrap) || rules.contains(.wilsonOfClusters)
      ? "by a bootstrap over what is independent where cases are not, else Wilson's" : "Wilson's"
  }
}

/// What is not shown, and why.
func groupRemarks(by: String, shown: Int, hidden: (groups: Int, samples: Int), ungrouped: Int) -> [String] {
  var remarks: [String] = []
  if hidden.groups > 0 {
    remarks.append(
      "\(hidden.groups) groups of fewer than \(GroupMetrics.fewest) samples are not shown (\(hidden.samples) samples)")
  }
  if ungrouped > 0 { remarks.append("\(ungrouped) samples are of no group") }
  if shown < 2 { remarks.append("with fewer than two groups of that size there is no gap") }
  return remarks
}
