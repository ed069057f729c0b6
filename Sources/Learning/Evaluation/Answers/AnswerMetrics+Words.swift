public import Reporting

extension AnswerMetrics {
  /// What a line of `metrics.jsonl` says of it.
  public var members: [(String, OrderedJSON)] {
    [("questions", .integer(questions))] + figures.map { ($0.key, .number($0.value)) }
  }

  /// The figures that a person looks at first.
  public var summary: [(name: String, value: String)] {
    figures.filter { [CodingKeys.accuracy, .majority].map(\.stringValue).contains($0.key) }
      .map { ($0.name, brief($0.value) + " %") }
  }

  /// All of it, for a terminal.
  public var lines: [String] {
    let rows = figures.map { [$0.name, figure($0.value, 2, " %", intervals, FigureKey($0.key))] }
    return aligned([["\(questions) questions", ""]] + rows + coverageRows) + remarks + kindLines
  }

  /// How wrong what is taken would be if the model left to others what it is least sure of.
  private var coverageRows: [[String]] {
    guard let aurc, let riskCoverage else { return [] }
    let area = FigureKey(CodingKeys.aurc)
    return [["area of risk over coverage", figure(aurc, 4, "", intervals, area)]]
      + [0.5, 0.8, 0.9].compactMap { share in
        riskCoverage.first { $0.coverage >= share }.map {
          ["accuracy of the surest \(brief(100 * $0.coverage)) %", decimals(100 - 100 * $0.risk, 2) + " %"]
        }
      }
  }

  private var figures: [(key: String, name: String, value: Double)] {
    let all: [(CodingKeys, String, Double?)] = [
      (.accuracy, "accuracy", accuracy), (.unnormalised, "of answers as they are written", unnormalised),
      (.oracle, "the best of the answer list", oracle), (.majority, "the most frequent answer", majority),
      (.aboveMajority, "accuracy above that", aboveMajority),
    ]
    return all.compactMap { key, name, value in value.map { (key.stringValue, name, $0) } }
      + majorityByKind.sorted { $0.key < $1.key }.map { grouping, value in
        (FigureKey.majority(by: grouping).stringValue, "the most frequent of each \(printable(grouping))", value)
      }
  }

  private var remarks: [String] {
    let (official, any) = (rules[AnswerRule.official.rawValue] ?? 0, rules[AnswerRule.anyAnnotator.rawValue] ?? 0)
    var remarks: [String] = []
    if official > 0 {
      remarks.append("by the official rule of VQA, as each has four annotators at least: \(official) questions")
    }
    if any > 0 {
      remarks.append("right where any annotator says the same, as there are fewer than four: \(any) questions")
    }
    if unanswered > 0 { remarks.append("\(unanswered) questions have no answer and are left out") }
    return remarks
  }

  private var kindLines: [String] {
    byKind.sorted { $0.key < $1.key }.flatMap { grouping, rows in
      [""]
        + aligned(
          [[printable(grouping), "questions", "accuracy"]]
            + rows.map { row in
              let intervals = row.interval.map { [row.kind: $0] }
              return [
                printable(row.kind, limit: 40), "\(row.questions)",
                figure(row.accuracy, 2, " %", intervals, FigureKey(row.kind)),
              ]
            })
    }
  }
}
