internal import Foundation
internal import Reporting

/// A panel drawn as SVG: each line's mean over neighbouring steps, within the range of these. What it shows stands in a table as well.
struct CurveChart {
  private let panel: RunPanel
  let isLogarithmic: Bool
  /// Of means, on the axis: a single step that leaps may leave the picture, and stands in the table of extremes.
  private let range: (low: Double, high: Double)
  private let steps: (first: Double, last: Double)

  private static let (width, height): (Double, Double) = (440, 250)
  private static let (left, right, top, bottom): (Double, Double, Double, Double) = (58, 14, 10, 36)

  init(panel: RunPanel) {
    self.panel = panel
    let points = panel.lines.flatMap(\.curve.points)
    steps = (Double(points.map(\.first).min() ?? 0), Double(points.map(\.last).max() ?? 1))
    let means = points.map(\.mean).sorted()
    isLogarithmic = Self.needsLogarithm(means)
    let ends = (means.first ?? 0, means.last ?? 1)
    let (low, high) = isLogarithmic ? (log10(ends.0), log10(ends.1)) : ends
    let margin = high > low ? 0.04 * (high - low) : max(abs(high) * 0.1, 1e-9)
    range = (low >= 0 && !isLogarithmic ? max(0, low - margin) : low - margin, high + margin)
  }

  /// Whether most of what there is to see would lie on the ground of a linear axis: all is above 0, and half of it below a tenth of the largest.
  private static func needsLogarithm(_ sorted: [Double]) -> Bool {
    guard let least = sorted.first, let largest = sorted.last, least > 0 else { return false }
    return sorted[sorted.count / 2] < 0.1 * largest
  }

  var svg: String {
    """
    <svg class="chart" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img"><title>\(escaped(panel.name))</title>
    <desc>\(escaped(description))</desc>
    \(axes)
    \(panel.lines.enumerated().map(line).joined(separator: "\n"))
    </svg>
    """
  }

  private var description: String {
    panel.lines.map { line in
      guard let first = line.curve.points.first, let last = line.curve.points.last else { return line.name }
      return "\(line.name): \(brief(first.mean)) at step \(first.first), \(brief(last.mean)) at step \(last.last)"
    }.joined(separator: "; ")
  }

  // MARK: Scales

  private func x(_ step: Double) -> Double {
    Self.left + (Self.width - Self.left - Self.right) * (step - steps.first) / max(steps.last - steps.first, 1)
  }

  private func y(_ value: Double) -> Double {
    let scaled = isLogarithmic ? log10(max(value, .leastNormalMagnitude)) : value
    let inside = min(max(scaled, range.low), range.high)
    return Self.height - Self.bottom - (Self.height - Self.top - Self.bottom) * (inside - range.low)
      / (range.high - range.low)
  }

  // MARK: Marks

  private var axes: String {
    let ticks = isLogarithmic ? logarithmicTicks(range.low, range.high) : roundTicks(range.low, range.high)
    let rows = ticks.map { value in
      "<line class=\"rule\" x1=\"\(tenths(Self.left))\" x2=\"\(tenths(Self.width - Self.right))\" y1=\"\(tenths(y(value)))\" "
        + "y2=\"\(tenths(y(value)))\"/><text class=\"tick\" text-anchor=\"end\" x=\"\(tenths(Self.left - 6))\" "
        + "y=\"\(tenths(y(value) + 4))\">\(shortNumber(value))</text>"
    }
    let columns = roundTicks(steps.first, max(steps.last, steps.first + 1)).filter { $0 == $0.rounded() }.map { step in
      "<text class=\"tick\" text-anchor=\"middle\" x=\"\(tenths(x(step)))\" y=\"\(tenths(Self.height - Self.bottom + 16))\">"
        + "\(Int(step))</text>"
    }
    return rows.joined() + columns.joined()
      + "<text class=\"axis\" text-anchor=\"middle\" x=\"\(tenths((Self.left + Self.width - Self.right) / 2))\" "
      + "y=\"\(tenths(Self.height - 4))\">step</text>"
  }

  private func line(_ number: Int, _ line: RunPanel.Line) -> String {
    let points = line.curve.points
    let style = "line\(number)"
    let middle = points.map { (x: x(Double($0.first + $0.last) / 2), point: $0) }
    let path = middle.map { "\(tenths($0.x)),\(tenths(y($0.point.mean)))" }.joined(separator: " ")
    let upper = middle.map { "\(tenths($0.x)),\(tenths(y($0.point.high)))" }
    let lower = middle.reversed().map { "\(tenths($0.x)),\(tenths(y($0.point.low)))" }
    let isRange = points.contains { $0.high > $0.low }
    let dots =
      points.count > 40
      ? ""
      : middle.map {
        "<circle class=\"\(style)\" cx=\"\(tenths($0.x))\" cy=\"\(tenths(y($0.point.mean)))\" r=\"2.5\"/>"
      }.joined()
    return (isRange ? "<polygon class=\"\(style) band\" points=\"\((upper + lower).joined(separator: " "))\"/>" : "")
      + "<polyline class=\"\(style)\" points=\"\(path)\"/>" + dots
  }

  private func tenths(_ value: Double) -> String { decimals(value, 1) }
}

/// Four to eight round numbers between two: 1, 2 or 5 times a power of ten apart.
func roundTicks(_ low: Double, _ high: Double) -> [Double] {
  let rough = (high - low) / 5
  guard rough > 0, rough.isFinite else { return [low] }
  let power = pow(10, log10(rough).rounded(.down))
  let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? rough
  let first = (low / step).rounded(.up)
  return (0...10).map { (first + Double($0)) * step }.filter { $0 <= high + step * 1e-9 }
}

/// 1, 2 and 5 times powers of ten between two of their logarithms; of many powers these alone.
func logarithmicTicks(_ low: Double, _ high: Double) -> [Double] {
  let powers = Int(low.rounded(.down))...Int(high.rounded(.up))
  let factors: [Double] = high - low > 2 ? [1] : [1, 2, 5]
  return powers.flatMap { power in factors.map { $0 * pow(10, Double(power)) } }.filter {
    (low...high).contains(log10($0))
  }
}

/// Few digits, for an axis.
func shortNumber(_ value: Double) -> String {
  if value == 0 { return "0" }
  return String(format: value.magnitude >= 1e5 || value.magnitude < 1e-3 ? "%.0e" : "%.4g", value)
}
