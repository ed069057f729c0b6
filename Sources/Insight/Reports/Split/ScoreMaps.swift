internal import Images
internal import Inference
internal import Models
internal import Reporting

/// Where the scores of photos and texts come from: each photo as it is, and under a map.
struct ScoreMaps {
  let split: MeasuredSplit
  /// Of the run on its page, so that pictures have names of their own.
  let number: Int
  let heading: String

  var html: String {
    let lack = split.lackOfMaps.map { "<p class=\"quiet\">\(escaped($0))</p>" } ?? ""
    guard !split.maps.isEmpty else { return lack }
    return """
      \(heading)
      <p class="quiet">\(of): the brighter a place, the more of it comes from there. A map does not say that the model is right.</p>
      <div class="cards maps">
      \(split.maps.enumerated().map(card).joined(separator: "\n"))
      </div>\(lack)
      """
  }

  private var of: String {
    split.maps.contains { $0.told != nil }
      ? "Of what is told first of photos with texts"
      : "How well texts that were looked for fit their own photos; mmtrain explain says how far to trust such a map"
  }

  private func card(_ place: Int, _ map: MeasuredSplit.Map) -> String {
    let explanation = map.explanation
    let name = "map\(number)x\(place)"
    guard let picture = try? pictureAddress(explanation.picture) else { return "" }
    let height = Float(explanation.picture.height) / Float(explanation.picture.width)
    let shares = explanation.places.map(\.relevance).shares
    let drawn = RelevanceMap(
      kind: explanation.kind, height: height, places: explanation.places.map(\.box), shares: shares,
      range: (shares.min() ?? 0)...(shares.max() ?? 0),
      title: "\(map.name): where “\(map.told ?? map.text)” comes from")
    let words = strongest(explanation).map {
      "<li><span>\(escaped($0.text))</span><b>\(percentage($0.share))</b><i style=\"--share: \(decimals(100 * Double($0.share), 1))%\"></i></li>"
    }
    let told = map.told.map { "<p class=\"verdict\">told: <b>\(escaped($0))</b></p>" } ?? ""
    return """
      <article class="card"><svg width="0" height="0" aria-hidden="true" style="position: absolute"><defs>
      <image id="\(name)" width="1" height="\(thousandths(height))" preserveAspectRatio="none" href="\(picture)"/></defs></svg>
      <div class="two"><svg class="map"\(RelevanceMap.frame(height)) role="img"><title>\(escaped(map.name))</title><use href="#\(name)"/></svg>
      \(drawn.svg(over: name, numbers: 1))</div>
      <div class="body"><p class="asked">“\(escaped(map.text))”</p>\(told)<p class="sure">the words that most of it comes from</p>
      <ul class="bars">\(words.joined(separator: "\n"))</ul></div></article>
      """
  }

  private func strongest(_ explanation: Explanation) -> [(text: String, share: Float)] {
    let shares = explanation.words.map(\.relevance).shares
    let order = shares.indices.sorted { (shares[$1], $0) < (shares[$0], $1) }
    return order.prefix(Self.mostWords).map { (explanation.words[$0].text, shares[$0]) }
  }

  private static let mostWords = 5

  static let style = """
    .maps { grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); }
    .card .two { display: grid; grid-template-columns: 1fr 1fr; gap: 2px; }
    .card .map { display: block; width: 100%; }
    .map rect { stroke: #fff; stroke-opacity: 0.12; stroke-width: 0.002; }
    .map text { font: 600 0.075px system-ui, sans-serif; fill: #fff; stroke: #000; stroke-width: 0.016; stroke-opacity: 0.75;
                paint-order: stroke; text-anchor: middle; dominant-baseline: central; }
    """
}
