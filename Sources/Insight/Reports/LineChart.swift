internal import Reporting

/// Lines over one axis, drawn as SVG. What it shows stands in a table as well.
struct LineChart {
  struct Line {
    let name: String
    let values: [Float]
    /// A class of the page's style.
    let style: String
    /// The range that the line is the mean of.
    var band: (low: [Float], high: [Float])?
  }

  let title: String
  /// What the axes measure.
  let horizontal: String
  let vertical: String
  /// Of all lines' values.
  let positions: [Float]
  let lines: [Line]

  private static let (width, height): (Float, Float) = (440, 270)
  private static let (left, right, top, bottom): (Float, Float, Float, Float) = (48, 22, 12, 40)

  var svg: String {
    """
    <svg class="chart" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img"><title>\(escaped(title))</title>
    <desc>\(escaped(description))</desc>
    \(axes)
    \(lines.map(band).joined())\(lines.map(path).joined())
    </svg>
    """
  }

  private var description: String {
    lines.map { "\($0.name): from \(label($0.values.first ?? 0)) to \(label($0.values.last ?? 0))" }.joined(
      separator: "; ")
  }

  // MARK: Scales

  private var all: [Float] { lines.flatMap { $0.values + ($0.band?.low ?? []) + ($0.band?.high ?? []) } }
  private var low: Float { min(all.min() ?? 0, 0) }
  private var high: Float { max(all.max() ?? 0, low + 1e-6) }

  private func x(_ position: Float) -> Float {
    let (first, last) = (positions.first ?? 0, positions.last ?? 1)
    return Self.left + (Self.width - Self.left - Self.right) * (position - first) / max(last - first, 1e-6)
  }

  private func y(_ value: Float) -> Float {
    Self.height - Self.bottom - (Self.height - Self.top - Self.bottom) * (value - low) / (high - low)
  }

  private func label(_ value: Float) -> String { decimals(Double(value), high - low < 10 ? 2 : 1) }

  // MARK: Marks

  private var axes: String {
    let values = (0...4).map { low + (high - low) * Float($0) / 4 }
    let rows = values.map { value in
      "<line class=\"rule\" x1=\"\(point(Self.left))\" x2=\"\(point(Self.width - Self.right))\" y1=\"\(point(y(value)))\" "
        + "y2=\"\(point(y(value)))\"/><text class=\"tick\" text-anchor=\"end\" x=\"\(point(Self.left - 6))\" "
        + "y=\"\(point(y(value) + 4))\">\(label(value))</text>"
    }
    let columns = [0, 25, 50, 75, 100].map { percent in
      let (first, last) = (positions.first ?? 0, positions.last ?? 1)
      return
        "<text class=\"tick\" text-anchor=\"middle\" x=\"\(point(x(first + (last - first) * Float(percent) / 100)))\" "
        + "y=\"\(point(Self.height - Self.bottom + 16))\">\(percent) %</text>"
    }
    let names =
      "<text class=\"axis\" text-anchor=\"middle\" x=\"\(point((Self.left + Self.width - Self.right) / 2))\" "
      + "y=\"\(point(Self.height - 6))\">\(escaped(horizontal))</text>"
      + "<text class=\"axis\" text-anchor=\"middle\" transform=\"translate(11 \(point((Self.height - Self.bottom) / 2))) "
      + "rotate(-90)\">\(escaped(vertical))</text>"
    return rows.joined() + columns.joined() + names
  }

  private func path(_ line: Line) -> String {
    "<polyline class=\"\(line.style)\" points=\"\(points(line.values))\"/>"
  }

  private func band(_ line: Line) -> String {
    guard let band = line.band else { return "" }
    let back = zip(positions, band.low).reversed().map { "\(point(x($0))),\(point(y($1)))" }.joined(separator: " ")
    return "<polygon class=\"\(line.style) band\" points=\"\(points(band.high)) \(back)\"/>"
  }

  private func points(_ values: [Float]) -> String {
    zip(positions, values).map { "\(point(x($0))),\(point(y($1)))" }.joined(separator: " ")
  }

  private func point(_ value: Float) -> String { decimals(Double(value), 1) }
}
