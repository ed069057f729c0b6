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
}
