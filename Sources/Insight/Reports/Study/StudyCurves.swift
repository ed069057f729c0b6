internal import Studies

/// What the runs of each variant said while they were trained, as one line a variant.
struct StudyCurves {
  let panels: [RunPanel]

  /// - Parameter histories: by the runs' folders.
  init(_ result: StudyResult, _ histories: [String: RunHistory]) {
    let runs = result.variants.map { variant in (variant.name, variant.folders.compactMap { histories[$0] }) }
    let names = runs.flatMap { $0.1.flatMap(\.curves) }.filter { Self.isShown($0) }.map(\.name)
      .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    panels = names.map { name in
      let lines = runs.compactMap { variant, histories -> RunPanel.Line? in
        let curves = histories.flatMap { $0.curves.filter { $0.name == name && $0.part == nil } }
        return curves.isEmpty ? nil : RunPanel.Line(name: variant, curve: Curve(meanOf: curves, name: variant))
      }
      return RunPanel(
        name: name, lines: Array(lines.prefix(RunPanel.mostLines)), leftOut: max(0, lines.count - RunPanel.mostLines))
    }
  }

  /// The loss and what is evaluated; the rest stands in each run's own report.
  private static func isShown(_ curve: Curve) -> Bool {
    curve.part == nil
      && (curve.name == "loss"
        || curve.name.hasPrefix("evaluation: ") && curve.name != "evaluation: epoch"
          && curve.name != "evaluation: samples")
  }
}
