internal import Inference
internal import Reporting

extension ExplanationPage {
  /// What becomes of the score without the parts that the map holds to be relevant.
  var deletionSection: String {
    let (places, words) = explanation.deletions
    return """
      <h2>Does the map know?</h2>
      <p class="quiet">Parts are taken away, the most relevant first. Where the map is right the score falls sooner than in a random
      order: the smaller the area under its line, the better. The dashed line is the mean of \(places.random.count) random orders, the
      band is from the lowest to the highest.</p>
      <div class="pair">
      <figure>\(chart(places, of: parts).svg)<figcaption>\(verdict(places, of: parts))</figcaption></figure>
      <figure>\(chart(words, of: "words").svg)<figcaption>\(verdict(words, of: "words"))</figcaption></figure>
      </div>
      """
  }

  /// What places are called.
  private var parts: String { explanation.kind == .cells ? "places" : "regions" }

  private func chart(_ curve: DeletionCurve, of parts: String) -> LineChart {
    let name = explanation.score.probability == nil ? explanation.score.name : "probability of a match"
    let points = curve.removed.indices
    let range = (
      low: points.map { point in curve.random.map { $0[point] }.min() ?? 0 },
      high: points.map { point in curve.random.map { $0[point] }.max() ?? 0 }
    )
    return LineChart(
      title: "The score without the most relevant \(parts)", horizontal: "\(parts) taken away", vertical: name,
      positions: curve.removed.map { Float($0) / Float(curve.parts) },
      lines: [
        LineChart.Line(name: "random orders", values: curve.randomMean, style: "random", band: range),
        LineChart.Line(name: "in the order of the map", values: curve.scores, style: "ours"),
      ])
  }

  private func verdict(_ curve: DeletionCurve, of parts: String) -> String {
    let beaten = curve.randomAreas.count { curve.area < $0 }
    return "<b>\(parts)</b> area \(decimals(Double(curve.area), 3)) in the map's order, "
      + "\(decimals(Double(curve.randomArea), 3)) in random ones: below \(beaten) of \(curve.random.count)"
  }

  // MARK: Numbers

  var numberSection: String {
    """
    <h2>Numbers</h2>
    <details><summary>Words</summary>\(wordTable)</details>
    <details><summary>\(parts.prefix(1).uppercased() + parts.dropFirst())</summary>\(placeTable)</details>
    <details><summary>Deletion</summary>\(deletionTable(explanation.deletions.places, parts))
    \(deletionTable(explanation.deletions.words, "words"))</details>
    """
  }

  private var wordTable: String {
    let shares = explanation.words.map(\.relevance).shares
    return table(
      ["word", "share", "relevance", "strongest place"],
      explanation.words.indices.map { index in
        let word = explanation.words[index]
        let place = word.places.indices.max { word.places[$0] < word.places[$1] }
        return [
          word.text, percentage(shares[index]), brief(Double(word.relevance)),
          place.map { words(explanation.places[$0].box) } ?? "",
        ]
      })
  }

  private var placeTable: String {
    let shares = explanation.places.map(\.relevance).shares
    let order = shares.indices.sorted { (shares[$1], $0) < (shares[$0], $1) }
    return table(
      ["place", "share", "relevance"],
      order.map {
        [words(explanation.places[$0].box), percentage(shares[$0]), brief(Double(explanation.places[$0].relevance))]
      })
  }

  private func deletionTable(_ curve: DeletionCurve, _ parts: String) -> String {
    let mean = curve.randomMean
    return table(
      ["\(parts) taken away", "the map's order", "random orders"],
      curve.removed.indices.map { point in
        [
          "\(curve.removed[point]) of \(curve.parts)", decimals(Double(curve.scores[point]), 4),
          decimals(Double(mean[point]), 4),
        ]
      })
  }

  private func table(_ heading: [String], _ rows: [[String]]) -> String {
    let row = { (tag: String, cells: [String]) in
      "<tr>" + cells.map { "<\(tag)>\(escaped($0))</\(tag)>" }.joined() + "</tr>"
    }
    return "<div class=\"wide\"><table>\n" + ([row("th", heading)] + rows.map { row("td", $0) }).joined(separator: "\n")
      + "\n</table></div>"
  }

  static let style = """
    :root { --ours: #c2410c; --soft: #8881; }
    @media (prefers-color-scheme: dark) { :root { --ours: #fb923c; } }
    main { max-width: 64rem; }
    h1 { font-size: 1.9rem; line-height: 1.25; margin: 0.2rem 0 0.6rem; overflow-wrap: anywhere; }
    h2 { font-size: 1.25rem; margin: 2.8rem 0 0.5rem; }
    .quiet { color: var(--quiet); margin: 0.2rem 0 0.9rem; max-width: 46rem; overflow-wrap: anywhere; }
    .score b { font-size: 1.5rem; font-variant-numeric: tabular-nums; margin-right: 0.3rem; }
    .sentence { list-style: none; display: flex; flex-wrap: wrap; align-items: flex-end; gap: 1rem 0.35rem; padding: 0;
                margin: 1.6rem 0 0; }
    .sentence li { display: flex; flex-direction: column; align-items: center; min-width: 3rem; }
    .sentence b { font-size: 0.75rem; font-weight: 500; color: var(--quiet); font-variant-numeric: tabular-nums; }
    .sentence i { display: block; width: 100%; background: var(--ours); border-radius: 0.25rem 0.25rem 0 0; min-height: 1px; }
    .sentence span { border-top: 2px solid var(--edge); width: 100%; text-align: center; padding: 0.2rem 0.4rem 0;
                     font-size: 1.1rem; box-sizing: border-box; }
    figure { margin: 0; }
    figcaption { padding: 0.5rem 0.1rem; font-size: 0.9rem; color: var(--quiet); }
    figcaption b { color: CanvasText; }
    figcaption small { display: block; font-variant-numeric: tabular-nums; }
    .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1.2rem; }
    .gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 1rem; }
    .map { display: block; width: 100%; border-radius: 0.6rem; background: var(--edge); }
    .map rect { stroke: #fff; stroke-opacity: 0.12; stroke-width: 0.002; }
    .map text { font: 600 0.034px system-ui, sans-serif; fill: #fff; stroke: #000; stroke-width: 0.008; stroke-opacity: 0.75;
                paint-order: stroke; text-anchor: middle; dominant-baseline: central; }
    .gallery .map text { font-size: 0.075px; stroke-width: 0.016; }
    .legend { display: flex; align-items: center; gap: 0.6rem; color: var(--quiet); font-size: 0.85rem; max-width: 24rem;
              font-variant-numeric: tabular-nums; }
    .legend i { flex: 1; height: 0.6rem; border-radius: 0.3rem; background: \(ColourScale.gradient); }
    .chart { display: block; width: 100%; background: var(--soft); border-radius: 0.6rem; }
    .chart text { fill: CanvasText; font: 11px system-ui, sans-serif; }
    .chart .tick { fill: var(--quiet); }
    .chart .rule { stroke: var(--edge); }
    .chart polyline { fill: none; stroke: var(--ours); stroke-width: 2.5; stroke-linejoin: round; }
    .chart polyline.random { stroke: var(--quiet); stroke-dasharray: 6 4; stroke-width: 2; }
    .chart .band { fill: var(--quiet); fill-opacity: 0.15; }
    details { border-top: 1px solid var(--edge); padding: 0.5rem 0; }
    summary { cursor: pointer; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; margin: 0.6rem 0 1rem; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
    th, td { text-align: left; padding: 0.2rem 1.4rem 0.2rem 0; border-bottom: 1px solid var(--edge); }
    th { color: var(--quiet); font-weight: 500; }
    footer { margin-top: 2.5rem; color: var(--quiet); font-size: 0.85rem; max-width: 46rem; }
    """
}
