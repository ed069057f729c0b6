internal import Foundation
internal import Reporting

/// What was measured of a model, as the front matter of its card says it (`model-index`, the hub's form for results).
public struct CardIndex: Sendable {
  public struct Figure: Sendable {
    public var name: String
    public var value: Double
    /// 95 %.
    public var interval: ClosedRange<Double>?

    public init(name: String, value: Double, interval: ClosedRange<Double>?) {
      (self.name, self.value, self.interval) = (name, value, interval)
    }
  }

  public var model: String
  /// The hub's name for what the model does; nil where it has none.
  public var task: String?
  public var dataSet: String
  public var split: String
  public var figures: [Figure]

  public init(model: String, task: String?, dataSet: String, split: String, figures: [Figure]) {
    (self.model, self.task, self.dataSet, self.split, self.figures) = (model, task, dataSet, split, figures)
  }

  /// YAML, with a line break at the end; empty where nothing was measured.
  var yaml: String {
    guard !figures.isEmpty else { return "" }
    let metrics = figures.map { figure in
      let interval =
        figure.interval.map { ", 95 % interval \(digits($0.lowerBound)) to \(digits($0.upperBound))" } ?? ""
      return
        "    - type: \(quoted(figure.name))\n      name: \(quoted(figure.name + interval))\n      value: \(digits(figure.value))\n"
    }
    return """
      model-index:
      - name: \(quoted(model))
        results:
        - task:
            type: \(quoted(task ?? "other"))
          dataset:
            type: \(quoted(dataSet))
            name: \(quoted("\(dataSet), \(split)"))
            split: \(quoted(split))
          metrics:

      """ + metrics.joined()
  }

  /// As JSON has it, which YAML reads.
  private func quoted(_ text: String) -> String { OrderedJSON.text(text).line }

  /// Six significant digits.
  private func digits(_ value: Double) -> String { String(format: "%.6g", value) }
}

/// A card with these results in the place of those that its front matter has.
///
/// - Parameter card: the text of a README.md, with front matter or without.
public func card(_ card: String, with index: CardIndex) -> String {
  var index = index
  let (front, body) = divided(card)
  var kept: [Substring] = []
  var isIndex = false
  for line in front {
    if let first = line.first, first != " ", first != "-" { isIndex = line.hasPrefix("model-index:") }
    if !isIndex { kept.append(line) }
    if line.hasPrefix("pipeline_tag:"), index.task == nil {
      index.task = line.split(separator: " ").last.map { String($0) }
    }
  }
  return "---\n" + kept.map { $0 + "\n" }.joined() + index.yaml + "---\n" + body
}

/// The lines of the front matter, without its ends, and what follows it.
private func divided(_ card: String) -> (front: [Substring], body: String) {
  let lines = card.split(separator: "\n", omittingEmptySubsequences: false)
  guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else { return ([], card) }
  return (Array(lines[1..<end]), lines[(end + 1)...].joined(separator: "\n"))
}
