public import Reporting

extension GroundingMetrics: TaskReport {
  public var members: [(String, OrderedJSON)] {
    [("accuracy", .number(accuracy)), ("mean_iou", .number(meanOverlap)), ("pointing", .number(pointing))]
  }

  public var summary: [(name: String, value: String)] {
    [("boxes right", brief(accuracy) + " %"), ("mean overlap", brief(meanOverlap) + " %")]
  }

  public var score: Double { accuracy }

  public var table: String {
    let rows = [
      ["right by half of both", figure(accuracy, 2, " %", intervals, CodingKeys.accuracy)],
      ["mean overlap", figure(meanOverlap, 2, " %", intervals, CodingKeys.meanOverlap)],
      ["centre in a right box", figure(pointing, 2, " %", intervals, CodingKeys.pointing)],
    ]
    let note = intervals == nil ? [] : ["in brackets: 95 % intervals over photos (docs/evaluation.md)"]
    return (aligned(rows) + ["\(phrases) phrases"] + note).joined(separator: "\n") + "\n"
  }
}
