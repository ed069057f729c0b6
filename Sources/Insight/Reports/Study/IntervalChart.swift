internal import Evaluation
internal import Reporting

/// Figures with their intervals, one below the other over one axis, drawn as SVG. What it shows stands in a table as well.
struct IntervalChart {
  struct Row {
    let name: String
    let value: Double
    let interval: Interval?
  }

  let title: String
  let rows: [Row]
  /// What a line is drawn at: no difference, the baseline.
  let mark: Double?

  private static let width = 640.0
  private static let (left, right, top, line, bottom) = (170.0, 70.0, 8.0, 26.0, 26.0)
  private var height: Double { Self.top + Self.line * Double(rows.count) + Self.bottom }

  var svg: String {
    """
    <svg class="chart" viewBox="0 0 \(Int(Self.width)) \(Int(height))" role="img"><title>\(escaped(title))</title>
    <desc>\(escaped(rows.map(words).joined(separator: "; ")))</desc>
    \(axis)\(rows.enumerated().map(drawn).joined())
    </svg>
    """
  }

  private func words(_ row: Row) -> String {
    "\(row.name): \(brief(row.value))" + (row.interval.map { " (\(brief($0.low)) to \(brief($0.high)))" } ?? "")
  }

  // MARK: Scale

  private var range: (low: Double, high: Double) {
    let all =
      rows.flatMap { [$0.value, $0.interval?.low ?? $0.value, $0.interval?.high ?? $0.value] }
      + (mark.map { [$0] } ?? [])
    let (low, high) = (all.min() ?? 0, all.max() ?? 1)
    let margin = high > low ? 0.05 * (high - low) : 1
    return (low - margin, high + margin)
  }

  private func x(_ value: Double) -> Double {
    let (low, high) = range
    return Self.left + (Self.width - Self.left - Self.right) * (value - low) / (high - low)
  }

  // MARK: Marks

  private var axis: String {
    let base = height - Self.bottom
    let ticks = roundTicks(range.low, range.high).map { value in
      "<line class=\"rule\" x1=\"\(tenths(x(value)))\" x2=\"\(tenths(x(value)))\" y1=\"\(tenths(Self.top))\" y2=\"\(tenths(base))\"/>"
        + "<text class=\"tick\" text-anchor=\"middle\" x=\"\(tenths(x(value)))\" y=\"\(tenths(base + 16))\">\(tick(value))</text>"
    }
    let line = mark.map {
      "<line class=\"mark\" x1=\"\(tenths(x($0)))\" x2=\"\(tenths(x($0)))\" y1=\"\(tenths(Self.top))\" y2=\"\(tenths(base))\"/>"
    }
    return ticks.joined() + (line ?? "")
  }

  private func drawn(_ place: Int, _ row: Row) -> String {
    let y = Self.top + Self.line * (Double(place) + 0.5)
    let bar = row.interval.map {
      "<line class=\"interval\" x1=\"\(tenths(x($0.low)))\" x2=\"\(tenths(x($0.high)))\" y1=\"\(tenths(y))\" y2=\"\(tenths(y))\"/>"
    }
    return
      "<text class=\"name\" text-anchor=\"end\" x=\"\(tenths(Self.left - 8))\" y=\"\(tenths(y + 4))\">\(escaped(row.name))</text>"
      + (bar ?? "") + "<circle class=\"value\" cx=\"\(tenths(x(row.value)))\" cy=\"\(tenths(y))\" r=\"4\"/>"
      + "<text class=\"tick\" x=\"\(tenths(Self.width - Self.right + 8))\" y=\"\(tenths(y + 4))\">\(brief(row.value))</text>"
  }

  private func tick(_ value: Double) -> String {
    value.magnitude < 1e-9 * (range.high - range.low) ? "0" : shortNumber(value)
  }
  private func tenths(_ value: Double) -> String { decimals(value, 1) }

  /// For the page's style.
  static let style = """
    .intervals { max-width: 42rem; }
    .chart .name { font-size: 12px; fill: currentColor; }
    .chart .interval { stroke: currentColor; stroke-width: 2; opacity: 0.75; }
    .chart .value { fill: currentColor; }
    .chart .mark { stroke: currentColor; stroke-width: 1; stroke-dasharray: 4 3; }
    """
}
