internal import Reporting

/// A panel with its legend and its numbers.
struct PanelFigure {
  let panel: RunPanel
  let needsLegend: Bool

  var html: String {
    let chart = CurveChart(panel: panel)
    let more = panel.leftOut > 0 ? "<p class=\"quiet\">\(panel.leftOut) more are not drawn.</p>" : ""
    return """
      <figure><figcaption><b>\(escaped(panel.name))</b>\(chart.isLogarithmic ? ", logarithmic" : "")</figcaption>\(chart.svg)\(legend)\(more)
      <details><summary>numbers</summary>\(numbers)</details></figure>
      """
  }

  private var legend: String {
    needsLegend ? htmlLegend(panel.lines.enumerated().map { ($0, $1.name) }) : ""
  }

  private var numbers: String {
    let all = panel.lines.flatMap(\.curve.points)
    guard let first = all.map(\.first).min(), let last = all.map(\.last).max() else { return "" }
    let steps = (0...8).map { first + (last - first) * $0 / 8 }.reduce(into: [Int]()) {
      if $0.last != $1 { $0.append($1) }
    }
    let rows = steps.map { step in
      ["\(step)"] + panel.lines.map { $0.curve.value(at: step).map { brief($0) } ?? "" }
    }
    let extremes = [
      ["least"] + panel.lines.map { brief($0.curve.points.map(\.low).min() ?? 0) },
      ["largest"] + panel.lines.map { brief($0.curve.points.map(\.high).max() ?? 0) },
    ]
    return htmlTable(["step"] + panel.lines.map(\.name), rows + extremes)
  }
}
