public import Calibration
internal import Evaluation
internal import Reporting

/// A calibration as one page that needs nothing beside it: what the model states and what comes true, before and at the temperature, and
/// what may be promised.
public struct CalibrationPage {
  let calibration: Calibration
  let model: String

  /// - Parameter model: as it was named.
  public init(_ calibration: Calibration, model: String) { (self.calibration, self.model) = (calibration, model) }

  public var html: String {
    HTMLPage(title: "How far to believe \(model)", style: Self.style, content: content).text
  }

  private var content: String {
    """
    <header><p class="quiet">\(escaped(model)) · \(escaped(calibration.dataSet)), \(escaped(calibration.split)) · \
    \(calibration.samples) samples</p>
    <h1>How far to believe it</h1></header>
    \(sentences)
    <h2>What is stated, and what comes true</h2>
    <p class="quiet">\(what) On the diagonal is what comes true as often as it is stated; below it the model is too sure. A point is as
    large as there is evidence for it; its line is 95 % of the share that came true.</p>
    <div class="pair">
    \(figure("As the model states it", calibration.before))
    \(figure("At temperature \(decimals(calibration.temperature.value, 3))", calibration.after))
    </div>
    \(coverage)
    <h2>Numbers</h2>
    \(figures)
    <details><summary>Bins as stated</summary>\(bins(calibration.before))</details>
    <details><summary>Bins at the temperature</summary>\(bins(calibration.after))</details>
    <details><summary>In words</summary><pre>\(escaped(calibration.table))</pre></details>
    """
  }

  private var sentences: String {
    ([calibration.refusalLine] + calibration.remarks + calibration.setLines + [calibration.origins]).map { line in
      "<p>\(escaped(line.prefix(1).uppercased() + line.dropFirst())).</p>"
    }.joined(separator: "\n")
  }

  /// How much is wrong where only the surest are taken; nothing in what older versions wrote.
  private var coverage: String {
    guard let before = calibration.before.riskCoverage, let after = calibration.after.riskCoverage,
      before.count > 1, after.count > 1
    else { return "" }
    return """
      <h2>What is wrong where only the surest are taken</h2>
      <p class="quiet">The share of samples that is taken, the surest first, and how much of that is wrong. To the right all are taken.</p>
      <div class="pair">
      \(curve("As the model states it", before))
      \(curve("At temperature \(decimals(calibration.temperature.value, 3))", after))
      </div>
      <details><summary>Points of the curves</summary>\(points(before, after))</details>
      """
  }

  private func curve(_ title: String, _ points: [RiskCoveragePoint]) -> String {
    let values = ([points[0]] + points).map { Float(100 * $0.risk) }
    let chart = LineChart(
      title: title, horizontal: "taken", vertical: "wrong, %", positions: [0] + points.map { Float($0.coverage) },
      lines: [LineChart.Line(name: title, values: values, style: "ours")])
    return "<figure>\(chart.svg)<figcaption><b>\(escaped(title))</b></figcaption></figure>"
  }

  private func points(_ before: [RiskCoveragePoint], _ after: [RiskCoveragePoint]) -> String {
    htmlTable(
      ["", "taken", "wrong", "at least so sure"],
      [("as stated", before), ("at the temperature", after)].flatMap { name, points in
        points.map {
          [name, decimals(100 * $0.coverage, 1) + " %", decimals(100 * $0.risk, 1) + " %", decimals($0.confidence, 3)]
        }
      })
  }

  private var what: String {
    calibration.isSeveral
      ? "The probabilities of all classes of each sample, in bins."
      : "The probability of each sample's likeliest class, in bins."
  }

  private func figure(_ title: String, _ figures: StatedFigures) -> String {
    """
    <figure>\(ReliabilityChart(title: title, bins: figures.reliability).svg)<figcaption><b>\(escaped(title))</b> \
    calibration error \(decimals(figures.ece, 3)), where a calibrated model shows \(decimals(figures.eceIfCalibrated, 3)) by chance\
    </figcaption></figure>
    """
  }

  private var figures: String {
    let rows: [(String, KeyPath<StatedFigures, Double>)] = [
      ("negative log-likelihood", \.nll), ("Brier score", \.brier), ("calibration error", \.ece),
      ("calibration error, bins of equal numbers", \.eceEqualMass),
      ("calibration error of a calibrated model", \.eceIfCalibrated), ("area of risk over coverage", \.aurc),
    ]
    return htmlTable(
      ["", "as stated", "at the temperature"],
      rows.map { name, figure in
        [name, decimals(calibration.before[keyPath: figure], 4), decimals(calibration.after[keyPath: figure], 4)]
      })
  }

  private func bins(_ figures: StatedFigures) -> String {
    htmlTable(
      ["stated between", "samples", "on average", "came true", "95 %"],
      figures.reliability.filter { $0.count > 0 }.map { bin in
        [
          "\(decimals(bin.low, 3)) and \(decimals(bin.high, 3))", "\(bin.count)", decimals(bin.stated ?? 0, 3),
          decimals(bin.cameTrue ?? 0, 3),
          bin.interval.map { "\(decimals($0.low, 3)) to \(decimals($0.high, 3))" } ?? "",
        ]
      })
  }

  private static let style =
    ExplanationPage.style + """

      .chart .true { stroke: var(--quiet); stroke-dasharray: 6 4; }
      .chart .range { stroke: var(--ours); stroke-width: 1.5; opacity: 0.6; }
      .chart .share { fill: var(--ours); }
      .pair figure { max-width: 26rem; }
      main td:not(:first-child), main th:not(:first-child) { font-variant-numeric: tabular-nums; }
      pre { white-space: pre-wrap; font-size: 0.85rem; }
      """
}
