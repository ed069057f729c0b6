internal import Reporting

/// Figures as dots with their intervals as bars, drawn as SVG: a row for each name, and in it a mark of each series. What it shows stands in
/// a table as well.
struct IntervalChart {
  struct Row {
    let name: String
    let marks: [Mark]
  }

  struct Mark {
    let value: Double
    let interval: ClosedRange<Double>?
    /// Its number, which decides on colour and dashes: a class `line0` … of the page's style.
    let series: Int
  }

  let title: String
  let rows: [Row]
  /// Where a dashed line stands that all are held against, as 0 of differences.
  var reference: Double?

  private static let (width, right, top, bottom): (Double, Double, Double, Double) = (420, 16, 8, 26)
  /// Of a mark, and between rows.
  private static let (step, gap): (Double, Double) = (13, 9)
  private static let mostLetters = 30

  var svg: String {
    """
    <svg class="chart" viewBox="0 0 \(Int(Self.width)) \(Int(height))" role="img"><title>\(escaped(title))</title>
    <desc>\(escaped(description))</desc>
    \(axis)\(referenceLine)
    \(rows.enumerated().map(drawn).joined(separator: "\n"))
    </svg>
    """
  }

  private var description: String {
    rows.map { row in row.name + " " + row.marks.map(Self.words).joined(separator: ", ") }.joined(separator: "; ")
  }

  /// A figure with its interval in brackets.
  static func words(_ mark: Mark) -> String {
    brief(mark.value)
      + (mark.interval.map { " [\(brief($0.lowerBound)), \(brief($0.upperBound))]" } ?? "")
  }

  // MARK: Scales

  private var height: Double { Self.top + Self.bottom + rows.reduce(0) { $0 + rowHeight($1) } }
  private func rowHeight(_ row: Row) -> Double { Self.gap + Self.step * Double(max(1, row.marks.count)) }

  /// Room for the longest name.
  private var left: Double { 16 + 6.2 * Double(rows.map { label($0).count }.max() ?? 0) }

  private func label(_ row: Row) -> String {
    row.name.count <= Self.mostLetters ? row.name : row.name.prefix(Self.mostLetters - 1) + "…"
  }

  private var range: (low: Double, high: Double) {
    let ends =
      rows.flatMap(\.marks).flatMap { mark in
        [mark.value, mark.interval?.lowerBound ?? mark.value, mark.interval?.upperBound ?? mark.value]
      }.filter(\.isFinite) + (reference.map { [$0] } ?? [])
    let (low, high) = (ends.min() ?? 0, ends.max() ?? 1)
    let margin = high > low ? 0.05 * (high - low) : max(abs(high) * 0.1, 1e-9)
    return (low >= 0 ? max(0, low - margin) : low - margin, high + margin)
  }

  private func x(_ value: Double) -> Double {
    let (low, high) = range
    return left + (Self.width - Self.right - left) * (value - low) / (high - low)
  }

  // MARK: Marks

  private var axis: String {
    roundTicks(range.low, range.high).map { value in
      """
      <line class="rule" x1="\(tenths(x(value)))" x2="\(tenths(x(value)))" y1="\(tenths(Self.top))" \
      y2="\(tenths(height - Self.bottom))"/><text class="tick" text-anchor="middle" x="\(tenths(x(value)))" \
      y="\(tenths(height - 8))">\(shortNumber(value))</text>
      """
    }.joined()
  }

  private var referenceLine: String {
    reference.map { value in
      "<line class=\"reference\" x1=\"\(tenths(x(value)))\" x2=\"\(tenths(x(value)))\" y1=\"\(tenths(Self.top))\" "
        + "y2=\"\(tenths(height - Self.bottom))\"/>"
    } ?? ""
  }

  private func drawn(_ number: Int, _ row: Row) -> String {
    let first = Self.top + Self.gap / 2 + rows.prefix(number).reduce(0) { $0 + rowHeight($1) }
    let middle = first + (rowHeight(row) - Self.gap) / 2
    return "<text class=\"name\" text-anchor=\"end\" x=\"\(tenths(left - 8))\" y=\"\(tenths(middle + 4))\">"
      + "\(escaped(label(row)))</text>"
      + row.marks.enumerated().map { drawn($1, y: first + Self.step * (Double($0) + 0.5)) }.joined()
  }

  private func drawn(_ mark: Mark, y: Double) -> String {
    guard mark.value.isFinite else { return "" }
    let bar =
      mark.interval.map { interval in
        "<line class=\"line\(mark.series) bar\" x1=\"\(tenths(x(interval.lowerBound)))\" "
          + "x2=\"\(tenths(x(interval.upperBound)))\" y1=\"\(tenths(y))\" y2=\"\(tenths(y))\"/>"
      } ?? ""
    return bar + "<circle class=\"line\(mark.series)\" cx=\"\(tenths(x(mark.value)))\" cy=\"\(tenths(y))\" r=\"3.5\"/>"
  }

  private func tenths(_ value: Double) -> String { decimals(value, 1) }

  static let style = """
    .chart .name { font-size: 11px; fill: CanvasText; }
    .chart line.bar { stroke-width: 2; }
    .chart .reference { stroke: CanvasText; stroke-dasharray: 4 3; }
    """
}
