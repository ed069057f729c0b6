public import Reporting

/// Runs as one page that needs nothing beside it: how each stands, curves of all they measured, what went wrong, with what they were set.
public struct RunPage {
  /// A run, with what the program that trained it knows of its settings.
  public struct Run: Sendable {
    public let history: RunHistory
    /// Each key, its value and where that comes from; nothing where the file cannot be read.
    public let settings: [(key: String, value: String, origin: String)]
    /// The README.md of its last checkpoint.
    public let card: String?
    /// Its weights measured on a split, where somebody asked.
    public var measured: MeasuredSplit?

    public init(_ history: RunHistory, settings: [(key: String, value: String, origin: String)], card: String?) {
      (self.history, self.settings, self.card) = (history, settings, card)
    }
  }

  /// Most runs that a page tells apart.
  public static let mostRuns = RunPanel.mostLines

  let runs: [Run]
  /// Short names that tell the runs apart.
  let names: [String]
  /// Seconds until a browser takes the page anew; nil where nothing more will come.
  public var refresh: Int?
  /// What stands above the page, where it is one of several.
  public var frame: HTMLFrame?

  public init(_ runs: [Run]) {
    self.runs = runs
    names = shortNames(runs.map(\.history.path))
  }

  public var html: String {
    HTMLPage(title: title, style: Self.style, content: content, refresh: refresh, frame: frame).text
  }

  private var title: String { runs.count == 1 ? names[0] : "\(runs.count) runs" }

  private var content: String {
    let panels = RunPanel.all(of: runs.map(\.history), names: names)
    return """
      <header><h1>\(escaped(title))</h1></header>
      \(overview)
      <h2>Curves</h2>
      <p class="quiet">Of long runs a point stands for several steps: the line is their mean, the shade goes from the least to the largest.</p>
      <div class="panels">
      \(panels.filter { $0.constant == nil }.map(figure).joined(separator: "\n"))
      </div>
      \(constants(panels))
      \(omissions)
      \(splits)
      \(texts)
      \(incidents)
      \(machine)
      \(settings)
      \(cards)
      <script type="application/json">\(json)</script>
      """
  }

  // MARK: How the runs stand

  private var overview: String {
    let rows: [(String, (RunHistory) -> String)] = [
      ("is", { $0.state.rawValue + ($0.starts > 1 ? ", in \($0.starts) starts" : "") }),
      ("steps", { "\($0.lastStep)" }),
      ("time", { $0.seconds > 0 ? durationText($0.seconds) : "–" }),
      ("lines that could not be read", { $0.unreadLines == 0 ? "" : "\($0.unreadLines)" }),
    ]
    let lines = rows.map { name, value in [name] + runs.map { value($0.history) } }
    return htmlTable([""] + names, lines.filter { $0.dropFirst().contains { !$0.isEmpty } })
  }

  /// What the runs ran on and how, as their last starts have told.
  private var machine: String {
    let told = runs.flatMap { $0.history.start.map(\.name) }.reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    guard !told.isEmpty else { return "" }
    let rows = told.map { name in
      [name.hasSuffix(" bytes") ? String(name.dropLast(6)) : name]
        + runs.map { run in
          run.history.start.first { $0.name == name }.map { inUnits($0) } ?? "–"
        }
    }
    return "<h2>Machine</h2>" + htmlTable([""] + names, rows)
  }

  private func inUnits(_ told: (name: String, value: String)) -> String {
    guard told.name.hasSuffix(" bytes"), let bytes = Double(told.value) else { return told.value }
    return decimals(bytes / 1_073_741_824, 1) + " GiB"
  }

  // MARK: Curves

  private func figure(_ panel: RunPanel) -> String {
    PanelFigure(panel: panel, needsLegend: panel.lines.count > 1 || runs.count > 1).html
  }

  private func constants(_ panels: [RunPanel]) -> String {
    let words = panels.compactMap { panel in panel.constant.map { "\(panel.name) \($0 == 0 ? "0" : brief($0))" } }
    return words.isEmpty ? "" : "<p>The same in all steps: \(escaped(words.joined(separator: ", "))).</p>"
  }

  /// What is not on the page though a run may have it.
  private var omissions: String {
    var words: [String] = []
    for (name, run) in zip(names, runs) {
      for list in run.history.shortenedLists {
        words.append("Of \(list) of \(name) the first members alone are drawn; all stand in metrics.jsonl.")
      }
      if run.settings.isEmpty { words.append("Of \(name) no settings could be read (configuration.yaml).") }
      if run.card == nil { words.append("\(name) has no model card that could be read (last/README.md).") }
    }
    return words.map { "<p class=\"quiet\">\(escaped($0))</p>" }.joined(separator: "\n")
  }

  // MARK: Words

  private var texts: String {
    let rows = zip(names, runs).flatMap { name, run in
      run.history.texts.map { (runs.count > 1 ? [name] : []) + [$0.name, $0.text, $0.reference] }
    }
    guard !rows.isEmpty else { return "" }
    return "<h2>What is written of samples, at the last evaluation</h2>"
      + htmlTable((runs.count > 1 ? ["run"] : []) + ["of", "the model", "people"], rows)
  }

  private var incidents: String {
    let rows = zip(names, runs).flatMap { name, run in run.history.incidents.map { [name, "\($0.step)", $0.words] } }
    guard !rows.isEmpty else { return "<h2>What went wrong</h2><p>Nothing is on record.</p>" }
    let shown = rows.prefix(100)
    return "<h2>What went wrong</h2>" + htmlTable(["run", "step", ""], Array(shown))
      + (rows.count > shown.count
        ? "<p class=\"quiet\">\(rows.count - shown.count) more stand in metrics.jsonl.</p>" : "")
  }

  private var settings: String {
    let known = runs.filter { !$0.settings.isEmpty }
    guard !known.isEmpty else { return "" }
    let keys = runs.flatMap { $0.settings.map(\.key) }.reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    let rows = keys.map { key in
      [key]
        + runs.map { run in
          run.settings.first { $0.key == key }.map { $0.value + ($0.origin == "built-in" ? "" : " · \($0.origin)") }
            ?? ""
        }
    }
    let different = rows.filter { Set($0.dropFirst()).count > 1 }
    let differences =
      runs.count == 1
      ? "" : "<h2>What differs</h2>" + (different.isEmpty ? "<p>No setting.</p>" : htmlTable([""] + names, different))
    return differences + "<h2>Settings</h2><details><summary>\(rows.count) keys</summary>"
      + htmlTable([""] + names, rows) + "</details>"
  }

  private var cards: String {
    let known = zip(names, runs).compactMap { name, run in run.card.map { (name, $0) } }
    guard !known.isEmpty else { return "" }
    return "<h2>Model cards</h2>"
      + known.map { name, card in
        "<details><summary>\(escaped(name))</summary><pre>\(escaped(card))</pre></details>"
      }.joined()
  }
}

/// The parts of paths from the first on in which they differ.
func shortNames(_ paths: [String]) -> [String] {
  let parts = paths.map { $0.split(separator: "/").map { String($0) } }
  let shortest = parts.map(\.count).min() ?? 0
  let common = (0..<max(0, shortest - 1)).prefix { place in Set(parts.map { $0[place] }).count == 1 }.count
  return parts.enumerated().map { number, parts in
    let rest = parts.dropFirst(paths.count == 1 ? max(0, parts.count - 1) : common).joined(separator: "/")
    return rest.isEmpty ? paths[number] : rest
  }
}
