internal import Documents
internal import Reporting

extension PlanReader {
  mutating func readMeasure(_ value: DocumentValue, _ plan: inout StudyPlan) {
    guard let members = fields.members(value, of: "measure", keys: ["data", "split", "figures"]) else { return }
    plan.measuredSet = fields.text(members["data"], "data")
    plan.split = fields.text(members["split"], "split") ?? plan.split
    guard let figures = members["figures"], case .list(let items) = figures.content, !items.isEmpty else {
      fields.fail(members["figures"] ?? value, "figures must be a list of what evaluate --json says; the first decides")
      return
    }
    for item in items {
      guard let figure = figure(item) else { continue }
      if plan.figures.contains(where: { $0.name == figure.name }) {
        fields.fail(item, "figures: \(printable(figure.name)) is there twice; keep one")
      }
      plan.figures.append(figure)
    }
  }

  private mutating func figure(_ item: DocumentValue) -> StudyPlan.Figure? {
    if case .text = item.content { return fields.text(item, "figures").map { StudyPlan.Figure(figure: $0) } }
    guard let members = fields.members(item, of: "a figure", keys: ["figure", "without", "better"]) else { return nil }
    guard let name = fields.text(members["figure"], "figure") else {
      if members["figure"] == nil { fields.fail(item, "an item of figures has no figure") }
      return nil
    }
    var figure = StudyPlan.Figure(figure: name)
    figure.without = different(fields.texts(members["without"], "without"), "without")
    if let better = members["better"], let word = fields.text(better, "better") {
      if !["higher", "lower"].contains(word) { fields.fail(better, "better must be higher or lower") }
      figure.isLowerBetter = word == "lower"
    }
    return figure
  }
}
