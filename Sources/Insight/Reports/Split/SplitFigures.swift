internal import Evaluation
internal import Reporting

/// The figures of one run or of several on a split: dots with intervals, those of one order of size in one chart, and all in a table.
struct SplitFigures {
  /// Of the runs that were measured: their names, their numbers on the page, and what was found.
  let runs: [(name: String, number: Int, figures: [MeasuredFigure])]

  var html: String {
    let names = names
    guard !names.isEmpty else { return "" }
    let rows = names.map { name in
      [words(name)]
        + runs.map { run in
          run.figures.first { $0.name == name }.map { IntervalChart.words(IntervalChart.Mark($0, series: 0)) } ?? ""
        }
    }
    return """
      <div class="panels">
      \(charts(names).joined(separator: "\n"))
      </div>\(legend)
      <details><summary>numbers</summary>\(htmlTable(["in brackets 95 %"] + runs.map(\.name), rows))</details>
      """
  }

  /// In the order in which the first run that has one tells it.
  private var names: [String] {
    runs.flatMap { $0.figures.map(\.name) }.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
  }

  private func words(_ name: String) -> String { name.replacing("_", with: " ").replacing(".", with: " · ") }

  // MARK: Charts

  /// What a chart is of: figures whose largest value is at most this.
  private static let sizes: [Double] = [1, 10, 100, .infinity]

  private func charts(_ names: [String]) -> [String] {
    let sized = names.map { name in
      let marks = marks(of: name)
      let largest = marks.map { max($0.value, $0.interval?.upperBound ?? $0.value) }.filter(\.isFinite).max() ?? 0
      return (row: IntervalChart.Row(name: words(name), marks: marks), largest: largest)
    }
    var (least, charts): (Double, [String]) = (-.infinity, [])
    for size in Self.sizes {
      let rows = sized.filter { $0.largest > least && $0.largest <= size }.map(\.row)
      least = size
      guard !rows.isEmpty else { continue }
      let title = size.isFinite ? "Figures up to \(Int(size))" : "Larger figures"
      charts.append(
        "<figure><figcaption><b>\(title)</b></figcaption>\(IntervalChart(title: title, rows: rows).svg)</figure>")
    }
    return charts
  }

  private func marks(of name: String) -> [IntervalChart.Mark] {
    runs.compactMap { run in
      run.figures.first { $0.name == name }.map { IntervalChart.Mark($0, series: run.number) }
    }
  }

  private var legend: String {
    runs.count < 2 ? "" : htmlLegend(runs.map { ($0.number, $0.name) })
  }
}

extension IntervalChart.Mark {
  init(_ figure: MeasuredFigure, series: Int) {
    self.init(value: figure.value, interval: figure.interval, series: series)
  }
}

/// Which line is whose.
func htmlLegend(_ lines: [(number: Int, name: String)]) -> String {
  "<ul class=\"legend\">"
    + lines.map { number, name in
      "<li><svg viewBox=\"0 0 24 8\" aria-hidden=\"true\"><line class=\"line\(number)\" x1=\"0\" x2=\"24\" y1=\"4\" y2=\"4\"/></svg>\(escaped(name))</li>"
    }.joined() + "</ul>"
}
