internal import Evaluation
internal import Reporting

extension RunPage {
  /// What the weights of the runs that were measured do on a split; nothing where none was.
  var splits: String {
    let measured = zip(names, runs).enumerated().compactMap { number, run in
      run.1.measured.map { (name: run.0, number: number, split: $0) }
    }
    guard let first = measured.first?.split else { return "" }
    let figures = SplitFigures(runs: measured.map { ($0.name, $0.number, $0.split.report.figures) })
    return """
      <h2>On the split \(escaped(first.split))</h2>
      <p class="quiet">\(escaped(words(measured.map(\.split)))) Bars are 95 % intervals: how far the choice of samples matters.</p>
      \(figures.html)
      \(measured.map { part($0.name, $0.number, $0.split, isAlone: measured.count == 1) }.joined(separator: "\n"))
      """
  }

  private func words(_ splits: [MeasuredSplit]) -> String {
    "Of \(splits[0].data), by the weights in " + splits.map(\.model).joined(separator: ", ") + "."
  }

  private func part(_ name: String, _ number: Int, _ split: MeasuredSplit, isAlone: Bool) -> String {
    let exhibits = SplitExhibits(split: split, number: number, level: isAlone ? 3 : 4).html
    return (isAlone ? "" : "<h3 class=\"run\">\(escaped(name))</h3>\n") + exhibits
  }
}
