internal import Reporting

extension FusionMetrics {
  /// All of it, for a terminal.
  public var lines: [String] {
    let rows =
      [["with", "accuracy"]]
      + missing.map { [$0.name.isEmpty ? "nothing" : $0.name, $0.figure.words(" %")] }
    return aligned(rows) + ["an absent modality is \(absence)", ""] + modalityLines + [""] + togetherLines
      + unsaid.map { "not said: " + $0 } + [cost]
  }

  private var cost: String {
    "each image and each text was encoded once for this, and image and text were put together \(joined) times"
  }

  private var modalityLines: [String] {
    let columns: [(String, String, (ModalityRow) -> FusionFigure?)] = [
      ("another's instead", " points lost", \.perceptual),
      ("one's of the same class", " points lost", \.perceptualWithinClass),
      ("says something else then", " %", \.changedByOther),
      ("share (Shapley)", " points", \.shapley), ("of all", " %", \.shapleyShare),
      ("says the same alone", " %", \.agreement),
    ]
    let shown = columns.filter { column in byModality.contains { column.2($0) != nil } }
    return aligned(
      [[""] + shown.map(\.0)]
        + byModality.map { row in [row.modality] + shown.map { $0.2(row)?.words($0.1) ?? "–" } })
  }

  private var togetherLines: [String] {
    let figures: [(String, FusionFigure?)] = [
      ("cooperation", cooperation),
      (
        "beyond what adds up" + (interactionSamples.map { ", on \($0) samples" } ?? ""), interaction
      ),
    ]
    return aligned(
      [["together", ""]] + figures.compactMap { name, figure in figure.map { [name, $0.words(" points")] } }
        + consistency.map { row in
          ["same answer, \(row.name)" + (row.samples.map { ", \($0) samples" } ?? ""), row.figure.words(" %")]
        })
  }
}

extension FusionFigure {
  func words(_ unit: String) -> String {
    figure(value, 2, unit, interval.map { ["value": $0] }, FigureKey("value"))
  }
}
