internal import Reporting

/// How often each class was taken for each, drawn as SVG: rows of the true class, the fuller the more of it. It stands in a table as well.
struct ConfusionChart {
  let classes: [String]
  /// Rows of the true class, columns of the one that was taken.
  let counts: [[Int]]

  /// Of more classes nobody can read a cell.
  static let mostClasses = 30

  private static let mostLetters = 16

  var svg: String {
    """
    <svg class="chart confusion" viewBox="0 0 \(Int(width)) \(Int(height))" style="max-width: \(Int(width * 1.3))px" role="img">\
    <title>What is taken for what</title>
    <desc>\(escaped(description))</desc>
    \(heads)
    \(classes.indices.map(row).joined(separator: "\n"))
    </svg>
    """
  }

  private var description: String {
    classes.indices.map { number in
      "\(classes[number]): \(counts[number][number]) of \(counts[number].reduce(0, +)) are told right"
    }.joined(separator: "; ")
  }

  // MARK: Sizes

  private var cell: Double { classes.count <= 6 ? 58 : classes.count <= 12 ? 44 : 26 }
  private var room: Double { 14 + 6 * Double(classes.map { label($0).count }.max() ?? 0) }
  private var width: Double { 18 + room + cell * Double(classes.count) + tail }
  /// Room for what the last column's name has to the right of it.
  private var tail: Double { max(12, 0.77 * 6.4 * Double(label(classes.last ?? "").count) - cell / 2) }
  private var height: Double { 18 + room * 0.75 + cell * Double(classes.count) + 6 }
  private var origin: (x: Double, y: Double) { (18 + room, 18 + room * 0.75) }

  private func label(_ name: String) -> String {
    name.count <= Self.mostLetters ? name : name.prefix(Self.mostLetters - 1) + "…"
  }

  // MARK: Marks

  /// The names of columns rise to the right, as they are wider than these.
  private var heads: String {
    let columns = classes.enumerated().map { number, name in
      let x = origin.x + cell * (Double(number) + 0.5)
      return "<text class=\"name\" transform=\"translate(\(tenths(x)) \(tenths(origin.y - 6))) rotate(-40)\">"
        + "\(escaped(label(name)))</text>"
    }
    let axes =
      "<text class=\"axis\" x=\"0\" y=\"12\">taken for →</text>"
      + "<text class=\"axis\" text-anchor=\"end\" transform=\"translate(12 \(tenths(origin.y))) rotate(-90)\">← is</text>"
    return axes + columns.joined()
  }

  private func row(_ number: Int) -> String {
    let all = counts[number].reduce(0, +)
    let y = origin.y + cell * Double(number)
    let name =
      "<text class=\"name\" text-anchor=\"end\" x=\"\(tenths(origin.x - 6))\" y=\"\(tenths(y + cell / 2 + 4))\">"
      + "\(escaped(label(classes[number])))</text>"
    return name
      + classes.indices.map { column in
        cell(counts[number][column], of: all, x: origin.x + cell * Double(column), y: y, isRight: column == number)
      }.joined()
  }

  private func cell(_ count: Int, of all: Int, x: Double, y: Double, isRight: Bool) -> String {
    let share = all > 0 ? Double(count) / Double(all) : 0
    let box =
      "<rect class=\"cell\(isRight ? " own" : "")\" x=\"\(tenths(x + 1))\" y=\"\(tenths(y + 1))\" "
      + "width=\"\(tenths(cell - 2))\" height=\"\(tenths(cell - 2))\" fill-opacity=\"\(decimals(0.6 * share, 3))\"/>"
    guard count > 0 else { return box }
    let middle = "text-anchor=\"middle\" x=\"\(tenths(x + cell / 2))\""
    guard cell > 40 else {
      return box + "<text class=\"count\" \(middle) y=\"\(tenths(y + cell / 2 + 3.5))\">\(count)</text>"
    }
    return box + "<text class=\"count\" \(middle) y=\"\(tenths(y + cell / 2 + 1))\">\(count)</text>"
      + "<text class=\"tick\" \(middle) y=\"\(tenths(y + cell / 2 + 13))\">\(decimals(100 * share, 0)) %</text>"
  }

  private func tenths(_ value: Double) -> String { decimals(value, 1) }

  // MARK: Tables

  var table: String {
    htmlTable(["is, taken for"] + classes, zip(classes, counts).map { [$0] + $1.map { "\($0)" } })
  }

  /// The mistakes that were made most often, for more classes than can be drawn.
  var mostConfused: String {
    let mistakes = classes.indices.flatMap { row in
      classes.indices.filter { $0 != row && counts[row][$0] > 0 }.map { (row: row, column: $0, count: counts[row][$0]) }
    }.sorted { ($1.count, $0.row, $0.column) < ($0.count, $1.row, $1.column) }
    let rows = mistakes.prefix(Self.mostPairs).map { mistake in
      let all = counts[mistake.row].reduce(0, +)
      return [
        classes[mistake.row], classes[mistake.column], "\(mistake.count)", "\(all)",
        decimals(100 * Double(mistake.count) / Double(all), 1) + " %",
      ]
    }
    return htmlTable(["is", "was taken for", "samples", "of the class", "share"], Array(rows))
      + (mistakes.count > rows.count
        ? "<p class=\"quiet\">\(mistakes.count - rows.count) more pairs of classes were confused.</p>" : "")
  }

  static let mostPairs = 20

  static let style = """
    .confusion .cell { fill: var(--ours); stroke: var(--edge); }
    .confusion .own { stroke: var(--quiet); stroke-width: 1.5; }
    .confusion .count { font-size: 11px; fill: CanvasText; }
    """
}
