internal import Evaluation
internal import Reporting

/// What a run's report shows of a split, each kind of picture drawn by what it is and not by what it is of.
struct SplitExhibits {
  let split: MeasuredSplit
  /// Of the run on its page.
  let number: Int
  /// Of headings: below the split's, or below the run's where there are several.
  let level: Int

  var html: String {
    let charts = split.report.exhibits.compactMap(chart)
    let rest = split.report.exhibits.compactMap(gallery)
    return [
      charts.isEmpty ? "" : "<div class=\"panels\">\n\(charts.joined(separator: "\n"))\n</div>",
      rest.joined(separator: "\n"),
      split.showsClips && !rest.isEmpty
        ? "<p class=\"quiet\">Pictures of clips show their first ten seconds: time goes to the right, high tones stand above, and what is "
          + "loud is bright.</p>" : "",
      split.withoutRoom > 0
        ? "<p class=\"quiet\">\(split.withoutRoom) samples stand here without their picture: a page holds "
          + "\(SplitPictures.mostBytes >> 20) MiB of them.</p>" : "",
      ScoreMaps(split: split, number: number, heading: heading("Where it comes from")).html,
    ].filter { !$0.isEmpty }.joined(separator: "\n")
  }

  // MARK: Charts

  private func chart(_ exhibit: Exhibit) -> String? {
    switch exhibit {
    case .confusion(let classes, let counts): confusion(ConfusionChart(classes: classes, counts: counts))
    case .reliability(let bins, let error, let lucky): reliability(bins, error, lucky)
    case .riskCoverage(let points, let area): riskCoverage(points, area)
    case .samples, .searches: nil
    }
  }

  private func figure(
    _ title: String, _ note: String, _ svg: String, _ table: String, of kind: String = "plot"
  ) -> String {
    "<figure class=\"\(kind)\"><figcaption><b>\(escaped(title))</b> \(escaped(note))</figcaption>\(svg)"
      + "<details><summary>numbers</summary>\(table)</details></figure>"
  }

  private func confusion(_ chart: ConfusionChart) -> String {
    guard chart.classes.count <= ConfusionChart.mostClasses else {
      return "<figure><figcaption><b>What is taken for what</b> the most frequent mistakes among "
        + "\(chart.classes.count) classes</figcaption>\(chart.mostConfused)</figure>"
    }
    return figure(
      "What is taken for what", "samples, and the share of their class: the fuller a field, the larger", chart.svg,
      chart.table)
  }

  private func reliability(_ bins: [ReliabilityBin], _ error: Double?, _ lucky: Double?) -> String {
    let note = [
      "bars: how much is stated there", error.map { "calibration error \(decimals($0, 3))" },
      lucky.map { "a calibrated model's, by chance, \(decimals($0, 3))" },
    ]
    let rows = bins.filter { $0.count > 0 }.map { bin in
      [
        "\(decimals(bin.low, 3)) and \(decimals(bin.high, 3))", "\(bin.count)", decimals(bin.stated ?? 0, 3),
        decimals(bin.cameTrue ?? 0, 3),
        bin.interval.map { "\(decimals($0.low, 3)) to \(decimals($0.high, 3))" } ?? "",
      ]
    }
    return figure(
      "What is stated, and what comes true", note.compactMap(\.self).joined(separator: "; "),
      ReliabilityChart(title: "What is stated, and what comes true", bins: bins, hasHistogram: true).svg,
      htmlTable(["stated between", "how often", "on average", "came true", "95 %"], rows), of: "reliability")
  }

  private func riskCoverage(_ points: [RiskCoveragePoint], _ area: Double?) -> String? {
    guard points.count > 1 else { return nil }
    let title = "What is wrong where only the surest are taken"
    let chart = LineChart(
      title: title, horizontal: "taken, the surest first", vertical: "wrong, %",
      positions: [0] + points.map { Float($0.coverage) },
      lines: [
        LineChart.Line(
          name: "wrong", values: ([points[0]] + points).map { Float(100 * $0.risk) }, style: "ours")
      ])
    let rows = points.map {
      [decimals(100 * $0.coverage, 1) + " %", decimals(100 * $0.risk, 1) + " %", decimals($0.confidence, 3)]
    }
    return figure(
      title, area.map { "area under the curve (AURC) \(decimals($0, 4))" } ?? "", chart.svg,
      htmlTable(["taken", "wrong", "at least so sure"], rows))
  }

  private func heading(_ title: String) -> String { "<h\(level)>\(escaped(title))</h\(level)>" }

  // MARK: Samples

  private func gallery(_ exhibit: Exhibit) -> String? {
    switch exhibit {
    case .confusion, .reliability, .riskCoverage: nil
    case .samples(let shown):
      """
      \(heading(shown.title))<p class="quiet">\(escaped(shown.choice))</p>
      <div class="cards">
      \(shown.samples.map { SampleCard(sample: $0, picture: split.pictures[$0.place]).html }.joined(separator: "\n"))
      </div>
      """
    case .searches(let shown):
      """
      \(heading(shown.title))<p class="quiet">\(escaped(shown.choice))</p>
      \(SearchGrid(shown: shown, pictures: split.pictures).html)
      """
    }
  }

  static let style =
    SampleCard.style + "\n" + SearchGrid.style + "\n" + ScoreMaps.style + "\n" + ConfusionChart.style + """

      :root { --ours: #c2410c; --soft: #8881; }
      @media (prefers-color-scheme: dark) { :root { --ours: #fb923c; } }
      .reliability { max-width: 24rem; }
      h3, h4 { margin: 1.6rem 0 0.2rem; font-size: 1rem; }
      h3.run { margin-top: 2.2rem; padding-top: 0.6rem; border-top: 2px solid var(--edge); font-size: 1.2rem; overflow-wrap: anywhere; }
      .chart polyline.ours { stroke: var(--ours); stroke-width: 2.2; }
      .chart .true { stroke: var(--quiet); stroke-dasharray: 6 4; }
      .chart .range { stroke: var(--ours); stroke-width: 1.5; opacity: 0.6; }
      .chart .share { fill: var(--ours); }
      .chart .bin { fill: var(--quiet); fill-opacity: 0.3; }
      """
}
