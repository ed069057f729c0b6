internal import Configuration
internal import Evaluation
internal import Files
public import Reporting
public import Studies

/// A study as one page that needs nothing beside it: how much chance there is, each figure of all variants with intervals and differences,
/// what each takes, curves, what differs, what failed.
public struct StudyPage {
  let result: StudyResult
  let costs: [StudyCost]
  /// Of the runs that can be read, by folder.
  private let histories: [String: RunHistory]
  /// Of each variant, what it sets.
  private let study: Study
  /// Whether runs are still to come.
  public var refresh: Int?

  public init(_ study: Study) throws {
    self.study = study
    result = try StudyResult(study)
    var histories: [String: RunHistory] = [:]
    for run in study.expansion.runs {
      histories[run.folder] = try? RunHistory(run: run.configuration.outputDirectory)
    }
    self.histories = histories
    costs = try result.variants.map { try StudyCost($0, study, histories) }
  }

  public var html: String {
    HTMLPage(
      title: "Study: \(result.plan.name)", style: RunPage.style + Self.style, content: content,
      refresh: refresh
    ).text
  }

  /// For a terminal.
  public var table: String {
    result.table + "\n" + aligned([StudyCost.heads] + costs.map(\.cells)).joined(separator: "\n") + "\n"
  }

  /// What was measured by clocks: `costs.json`.
  public var costsDocument: OrderedJSON {
    .object([("format", .integer(1)), ("variants", .list(costs.map(\.json)))])
  }

  /// `study.json`.
  public var document: OrderedJSON { result.document }

  private var content: String {
    """
    <header><h1>\(escaped(result.plan.name))</h1>\(paragraph(result.plan.question))</header>
    \(paragraph(result.noiseWords ?? "One run of each says nothing of how much chance there is."))
    \(result.plan.figures.indices.map(figure).joined(separator: "\n"))
    \(remarks)
    <h2>What it takes</h2>
    \(htmlTable(StudyCost.heads, costs.map(\.cells)))
    <p class="quiet">Of all training of a variant, with what it begins from; seconds, speed and memory are means over runs, as they were on this machine beside whatever else it did.</p>
    \(curves)
    \(settings)
    <script type="application/json">\(scriptText(result.document))</script>
    """
  }

  private static let style = "\nfigure.intervals { max-width: 34rem; margin: 0.6rem 0; }\n"

  private func paragraph(_ text: String) -> String { text.isEmpty ? "" : "<p>\(escaped(text))</p>" }

  // MARK: Figures

  private func figure(_ place: Int) -> String {
    let figure = result.plan.figures[place]
    let found = result.variants.map { ($0, $0.figures[place]) }
    let means = found.compactMap { variant, found in
      found.mean.map { row(variant, $0) }
    }
    let differences = found.compactMap { variant, found in
      found.difference.map { row(variant, $0) }
    }
    let baseline = found.first { $0.0.name == result.plan.baseline }?.1.mean?.mean
    return """
      <h2>\(escaped(figure.name))</h2>
      <p class="quiet">\(figure.isLowerBetter ? "Lower is better." : "Higher is better.") Split \(escaped(result.plan.split)). Brackets and bars: 95 %. The difference is that of pairs, run by run; p is corrected for \(max(0, found.count - 1)) comparisons (Holm).</p>
      \(htmlTable(StudyResult.heads, found.map { result.row($0.0, $0.1) }))
      \(chart("\(figure.name): means over runs", means, mark: baseline))
      \(chart("\(figure.name): less the baseline", differences, mark: 0))
      \(samples(found))
      <details><summary>each run</summary>\(runs(place))</details>
      """
  }

  private func chart(_ title: String, _ rows: [IntervalChart.Row], mark: Double?) -> String {
    rows.isEmpty
      ? ""
      : "<figure class=\"intervals\"><figcaption>\(escaped(title))</figcaption>\(IntervalChart(title: title, rows: rows, reference: mark).svg)</figure>"
  }

  /// A variant has the same colour in all charts.
  private func row(_ variant: StudyResult.Variant, _ mean: SampleMean) -> IntervalChart.Row {
    let number = result.variants.firstIndex { $0.name == variant.name } ?? 0
    let mark = IntervalChart.Mark(
      value: mean.mean, interval: mean.interval.map { $0.low...$0.high }, series: number % RunPanel.mostLines)
    return IntervalChart.Row(name: variant.name, marks: [mark])
  }

  /// How sure the differences are over the samples of the test set.
  private func samples(_ found: [(StudyResult.Variant, StudyResult.Figure)]) -> String {
    let rows = found.compactMap { variant, figure -> [String]? in
      figure.bootstrap.map { paired in
        let test = figure.mcNemar.map { "\($0.first) : \($0.second), p \(probability($0.p))" } ?? ""
        return [
          variant.name, "\(signed(paired.difference)) [\(brief(paired.interval.low)), \(brief(paired.interval.high))]",
          probability(paired.p), test, "\(paired.samples)",
        ]
      }
    }
    guard !rows.isEmpty else { return "" }
    return
      "<details><summary>the same over test samples</summary><p class=\"quiet\">Each sample counts by the mean over seeds; images or groups are drawn again, the same for both (10,000 resamples). McNemar's test is of the first seed: samples that it alone tells, and that the baseline alone tells.</p>"
      + "\(htmlTable(["", "less the baseline, percent points", "p", "McNemar, first seed", "samples"], rows))</details>"
  }

  private func runs(_ place: Int) -> String {
    let blocks = result.plan.blocks.map { block in
      "seed \(block.seed)" + (block.set.map { ", \($0)" } ?? "")
    }
    let rows = result.variants.map { variant in
      [variant.name] + variant.figures[place].values.map { $0.map { brief($0) } ?? "–" }
    }
    return htmlTable([""] + blocks, rows)
  }

  private var remarks: String {
    let words =
      result.remarks + result.missingWords
      + study.strangers().map { "\($0) in runs/ belongs to an earlier plan and is not used; it can be removed." }
    guard !words.isEmpty else { return "" }
    return "<h2>To keep in mind</h2><ul>" + words.map { "<li>\(escaped($0))</li>" }.joined() + "</ul>"
  }

  // MARK: Curves

  private var curves: String {
    let panels = StudyCurves(result, histories).panels
    guard !panels.isEmpty else { return "" }
    return
      "<h2>Curves</h2><p class=\"quiet\">The line is the mean over runs, the shade goes from the least to the largest.</p><div class=\"panels\">"
      + panels.map { PanelFigure(panel: $0, needsLegend: true).html }.joined(separator: "\n") + "</div>"
  }

  // MARK: Settings

  private var settings: String {
    let plan = result.plan
    let keys = plan.variants.flatMap { $0.settings.map(\.key) }.reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    let titles = plan.variants.map { [$0.name, $0.title] }.filter { !$0[1].isEmpty }
    let rows = keys.map { key in
      [key] + plan.variants.map { variant in variant.settings.last { $0.key == key }?.value ?? "" }
    }
    let base = plan.base.map { [$0.key, $0.value] }
    let begins = plan.variants.filter { $0.stage != nil }.map {
      "\($0.name) begins with the weights of \($0.stage ?? "")"
    }
    return "<h2>What differs</h2>" + (titles.isEmpty ? "" : htmlTable(["variant", "what it is"], titles))
      + (rows.isEmpty ? "" : "\(htmlTable([""] + plan.variants.map(\.name), rows))")
      + begins.map { paragraph($0 + ".") }.joined()
      + "<details><summary>what all share</summary>\(htmlTable(["key", "value"], base))</details>"
  }
}
