internal import Reporting

/// Curves of one figure, of one run or of several.
struct RunPanel {
  struct Line {
    let name: String
    let curve: Curve
  }

  let name: String
  let lines: [Line]
  /// Lines that would be too many to tell apart.
  let leftOut: Int

  static let mostLines = 12

  /// What all lines say in all steps, where that is one number.
  var constant: Double? {
    let points = lines.flatMap(\.curve.points)
    guard let value = points.first?.low, points.count > 1, points.allSatisfy({ $0.low == value && $0.high == value })
    else { return nil }
    return value
  }

  /// Panels in the order in which a person looks at them: the loss, what is evaluated, then the rest as the runs name it.
  static func all(of runs: [RunHistory], names: [String]) -> [RunPanel] {
    var found: [(name: String, lines: [Line])] = []
    for (run, name) in zip(runs, names) {
      for curve in run.curves {
        let line = Line(name: label(curve, of: name, isAlone: runs.count == 1), curve: curve)
        if let place = found.firstIndex(where: { $0.name == curve.name }) {
          found[place].lines.append(line)
        } else {
          found.append((curve.name, [line]))
        }
      }
    }
    let ordered = found.enumerated().sorted { (rank($0.element.name), $0.offset) < (rank($1.element.name), $1.offset) }
    return ordered.map(\.element).filter { !isTheLoss($0, found) }.map { name, lines in
      RunPanel(name: name, lines: Array(lines.prefix(mostLines)), leftOut: max(0, lines.count - mostLines))
    }
  }

  private static func label(_ curve: Curve, of run: String, isAlone: Bool) -> String {
    isAlone ? curve.part ?? curve.name : run + (curve.part.map { ", \($0)" } ?? "")
  }

  private static func rank(_ name: String) -> Int {
    name == "loss" ? 0 : name.hasPrefix("evaluation: ") && !isCount(name) ? 1 : isCount(name) ? 3 : 2
  }

  /// What hardly changes and says how much there was, not how good it is.
  private static func isCount(_ name: String) -> Bool {
    ["epoch", "evaluation: epoch", "evaluation: samples", "steps"].contains(name)
  }

  /// Of one objective the parts of the loss are the loss.
  private static func isTheLoss(_ panel: (name: String, lines: [Line]), _ all: [(name: String, lines: [Line])]) -> Bool
  {
    guard panel.name == "losses", let loss = all.first(where: { $0.name == "loss" }) else { return false }
    return panel.lines.count == loss.lines.count
      && zip(panel.lines, loss.lines).allSatisfy { $0.curve.points == $1.curve.points }
  }
}
