internal import Evaluation
internal import Inference
internal import Models
internal import Reporting

/// A photo on a page with what is told of it.
struct PredictionCard {
  let entry: PredictionPage.Entry
  /// Where it stands in each order, as style; empty where there is one order.
  var places = ""

  /// Of boxes, dark enough for white digits.
  private static let colours = ["#c2410c", "#1d4ed8", "#15803d", "#7e22ce", "#be123c", "#0e7490", "#854d0e", "#4338ca"]

  /// Of a picture on the page, in units that boxes are drawn in.
  private static let width = 480.0

  private func colour(_ number: Int) -> String { Self.colours[number % Self.colours.count] }

  var html: String {
    let isReferred = entry.told.contains { $0.trust?.reasons.isEmpty == false }
    let name = entry.name.map { "<p class=\"name\">\(escaped($0))</p>" } ?? ""
    return """
      <article class="card\(isReferred ? " refer" : "")"\(places.isEmpty ? "" : " style=\"\(places)\"")>\(picture)
      <div class="body">\(name)
      \(entry.told.enumerated().map { told($1, number: $0) }.joined(separator: "\n"))
      </div></article>
      """
  }

  private var picture: String {
    guard let name = entry.name else { return "" }
    guard let picture = entry.picture else { return "<div class=\"none\">no picture</div>" }
    // As wide as any other, so that lines and numbers are as large on small pictures.
    let (width, height) = (Self.width, Self.width * Double(picture.height) / Double(picture.width))
    let boxes = entry.told.enumerated().compactMap { number, told in told.box.map { (number, $0) } }
    let phrases = entry.told.filter { $0.box != nil }.compactMap { $0.text.map { "“\($0)”" } }
    let shown = boxes.isEmpty ? "" : ", with boxes for " + phrases.joined(separator: ", ")
    return """
      <svg viewBox="0 0 \(decimals(width, 0)) \(decimals(height, 1))" role="img"><title>The photo \(escaped(name))\(escaped(shown))</title>
      <image width="\(decimals(width, 0))" height="\(decimals(height, 1))" href="\(picture.address)"/>
      \(boxes.map { drawn($1, number: $0, width: width, height: height) }.joined(separator: "\n"))</svg>
      """
  }

  /// A box with its number at its upper left corner, within the photo.
  private func drawn(_ box: Box, number: Int, width: Double, height: Double) -> String {
    let (left, top) = (Double(box.left) * width, Double(box.top) * height)
    let place =
      "x=\"\(decimals(left, 1))\" y=\"\(decimals(top, 1))\" width=\"\(decimals(max(0, Double(box.right) * width - left), 1))\" "
      + "height=\"\(decimals(max(0, Double(box.bottom) * height - top), 1))\" rx=\"3\""
    let (x, y) = (min(max(left, 0), max(0, width - 20)), min(max(top, 0), max(0, height - 18)))
    return """
      <rect class="halo" \(place)/><rect class="box" \(place) stroke="\(colour(number))"/>
      <rect x="\(decimals(x, 1))" y="\(decimals(y, 1))" width="20" height="18" rx="3" fill="\(colour(number))"/>\
      <text class="tag" x="\(decimals(x + 10, 1))" y="\(decimals(y + 9, 1))">\(number + 1)</text>
      """
  }

  private func told(_ told: PredictionPage.Told, number: Int) -> String {
    let key =
      told.box.map { _ in "<span class=\"key\" style=\"background: \(colour(number))\">\(number + 1)</span>" } ?? ""
    let heading = told.text.map { "<h3>\(key)\(escaped($0))</h3>" } ?? ""
    let places = told.bars.enumerated().map { place, bars in
      (told.bars.count > 1 ? "<p class=\"sure\">place \(place + 1)</p>" : "")
        + "<ul class=\"bars\">\(bars.map { bar($0.text, $0.probability) }.joined(separator: "\n"))</ul>"
    }
    return heading + written(told) + places.joined(separator: "\n") + edges(told.box) + trust(told.trust)
  }

  /// A text that was written, how sure the model is of it, and what people say.
  private func written(_ told: PredictionPage.Told) -> String {
    guard let text = told.written else { return "" }
    let figures = [
      "ln p \(decimals(text.logProbability, 2))", "\(decimals(text.meanLogProbability, 2)) a token",
      "\(text.tokens) tokens", told.scores?.cider.map { "CIDEr-D \(decimals($0, 3))" },
      told.scores.map { "ROUGE-L \(decimals($0.rougeL, 3))" },
    ]
    let people = told.references.map { "<li>\(escaped($0))</li>" }.joined()
    return
      "<p class=\"text\">\(text.words.isEmpty ? "(no word)" : escaped(text.words))\(text.isCut ? "<b>cut</b>" : "")</p>"
      + "<p class=\"sure\">\(figures.compactMap(\.self).joined(separator: " · "))</p>"
      + (people.isEmpty ? "" : "<ul class=\"people quiet\">\(people)</ul>")
  }

  private func bar(_ text: String, _ probability: Double) -> String {
    guard probability.isFinite else { return "<li><span>\(escaped(text))</span><b>no number</b></li>" }
    let percent = decimals(100 * probability, 1)
    return "<li><span>\(escaped(text))</span><b>\(percent) %</b><i style=\"--share: \(percent)%\"></i></li>"
  }

  private func edges(_ box: Box?) -> String {
    guard let box else { return "" }
    let edges = [("left", box.left), ("top", box.top), ("right", box.right), ("bottom", box.bottom)]
    return "<p class=\"sure\">" + edges.map { "\($0) \(decimals(Double($1), 3))" }.joined(separator: " · ") + "</p>"
  }

  private func trust(_ trust: (confidence: Double?, reasons: [String])?) -> String {
    guard let trust else { return "" }
    let sure = trust.confidence.map { "<p class=\"sure\">calibrated: \(decimals(100 * $0, 1)) % sure</p>" } ?? ""
    guard !trust.reasons.isEmpty else { return sure }
    return sure + "<p class=\"why\"><b>refer</b>\(escaped(trust.reasons.joined(separator: "; ")))</p>"
  }

  static let style = """
    .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: 1.4rem; align-items: start; }
    .card { border: 1px solid var(--edge); border-radius: 0.7rem; overflow: hidden; }
    .card svg { display: block; width: 100%; background: var(--soft); }
    .card .none { padding: 2rem 1rem; background: var(--soft); color: var(--quiet); text-align: center; }
    .card .body { padding: 0.6rem 0.9rem 0.9rem; }
    .card .name { color: var(--quiet); font-size: 0.85rem; overflow-wrap: anywhere; margin: 0 0 0.3rem; }
    .card h3 { font-size: 1rem; font-weight: 600; margin: 0.7rem 0 0.25rem; overflow-wrap: anywhere; }
    .bars { list-style: none; margin: 0 0 0.4rem; padding: 0; font-size: 0.9rem; }
    .bars li { display: grid; grid-template-columns: 1fr 4.2rem; align-items: baseline; gap: 0 0.6rem; padding: 0.15rem 0; }
    .bars span { overflow-wrap: anywhere; }
    .bars b { font-weight: 500; text-align: right; font-variant-numeric: tabular-nums; }
    .bars i { grid-column: 1 / -1; height: 0.35rem; border-radius: 0.2rem; background: var(--soft); overflow: hidden; }
    .bars i::before { content: ""; display: block; height: 100%; width: var(--share); background: var(--ours); }
    .sure { font-size: 0.85rem; color: var(--quiet); margin: 0.2rem 0; }
    .text { font-size: 1.05rem; margin: 0.2rem 0; overflow-wrap: anywhere; }
    .text b { border: 1px solid var(--edge); border-radius: 0.3rem; padding: 0 0.35rem; margin-left: 0.4rem; font-weight: 400; font-size: 0.8rem; }
    .people { margin: 0.4rem 0 0; padding-left: 1.1rem; font-size: 0.9rem; overflow-wrap: anywhere; }
    .box { fill: none; stroke-width: 2.5; }
    .halo { fill: none; stroke: #fff; stroke-width: 5; stroke-opacity: 0.85; }
    .tag { font: 600 13px system-ui, sans-serif; fill: #fff; text-anchor: middle; dominant-baseline: central; }
    .key { display: inline-block; min-width: 1.2rem; text-align: center; border-radius: 0.3rem; color: #fff; font-size: 0.85rem;
           margin-right: 0.35rem; }
    """
}
