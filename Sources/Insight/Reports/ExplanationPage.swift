internal import Images
public import Inference
internal import Models
internal import Reporting

/// An explanation as one page that needs nothing beside it: the sentence with a bar on each word, the photo under a map of the whole
/// text and of each word, and what becomes of the score when parts are taken away, beside random orders.
public struct ExplanationPage {
  let explanation: Explanation
  let model: String
  let image: String
  let text: String
  /// The picture, as the address of an image.
  private let picture: String

  /// - Parameters:
  ///   - model, image: as they were named.
  ///   - text: as it was given.
  /// - Throws: `PictureError`.
  public init(_ explanation: Explanation, model: String, image: String, text: String) throws {
    (self.explanation, self.model, self.image, self.text) = (explanation, model, image, text)
    picture = try pictureAddress(explanation.picture)
  }

  public var html: String {
    HTMLPage(title: "“\(text)” and \(image)", style: Self.style, content: content).text
  }

  private var content: String {
    """
    \(photoDefinition)
    \(heading)
    \(photoSection)
    \(wordSection)
    \(deletionSection)
    \(numberSection)
    \(notes)
    <script type="application/json">\(json)</script>
    """
  }

  /// Within a script an HTML parser looks for the end of it alone.
  private var json: String {
    explanation.document(model: model, image: image, text: text).line.split(
      separator: "<", omittingEmptySubsequences: false
    )
    .joined(separator: "\\u003c")
  }

  /// Held once, shown many times.
  private var photoDefinition: String {
    """
    <svg width="0" height="0" aria-hidden="true" style="position: absolute"><defs>
    <image id="photo" width="1" height="\(thousandths(height))" preserveAspectRatio="none" href="\(picture)"/></defs></svg>
    """
  }

  /// Of the picture, as a part of its width.
  private var height: Float { Float(explanation.picture.height) / Float(explanation.picture.width) }

  // MARK: The sentence

  private var wordShares: [Float] { explanation.words.map(\.relevance).shares }

  private var heading: String {
    let largest = max(wordShares.max() ?? 0, 1e-6)
    let bars = zip(explanation.words, wordShares).map { word, share in
      """
      <li><b>\(percentage(share))</b><i style="height: \(thousandths(4 * share / largest))rem"></i>\
      <span>\(escaped(word.text))</span></li>
      """
    }
    return """
      <header>
      <p class="quiet">\(escaped(image)) · \(escaped(model))</p>
      <h1>“\(escaped(text))”</h1>
      <p class="score"><b>\(shownScore)</b> \(escaped(scoreWords))</p>
      <ol class="sentence" aria-label="How much of the score comes from each word">\(bars.joined(separator: "\n"))</ol>
      </header>
      """
  }

  private var shownScore: String {
    explanation.score.probability.map(percentage) ?? decimals(Double(explanation.score.value), 3)
  }

  private var scoreWords: String {
    let score = explanation.score
    return score.probability == nil
      ? "is the \(score.name) of the photo's and the text's features"
      : "is how likely the model finds it that photo and text belong together (log-odds \(decimals(Double(score.value), 2)))"
  }

  // MARK: Maps

  private var placeShares: [Float] { explanation.places.map(\.relevance).shares }

  private func map(_ shares: [Float], range: ClosedRange<Float>, _ title: String) -> RelevanceMap {
    RelevanceMap(
      kind: explanation.kind, height: height, places: explanation.places.map(\.box), shares: shares, range: range,
      title: title)
  }

  private var photoSection: String {
    let shares = placeShares
    let range = (shares.min() ?? 0)...(shares.max() ?? 0)
    let whole = map(shares, range: range, "Where in the photo the score of the whole text comes from")
    return """
      <h2>Where in the photo</h2>
      <div class="pair">
      <figure><svg class="map"\(RelevanceMap.frame(height)) role="img"><title>The photo \(seen)</title>\
      <use href="#photo"/></svg><figcaption>\(seen)</figcaption></figure>
      <figure>\(whole.svg(over: "photo", numbers: areCells && shares.count <= 64 ? shares.count : 8))\
      <figcaption>for the whole text, percent of the photo's relevance a \(areCells ? "place" : "region")</figcaption></figure>
      </div>
      \(legend(range))
      """
  }

  private var areCells: Bool { explanation.kind == .cells }
  private var seen: String { areCells ? "as the model sees it" : "of which the model sees regions" }

  private func legend(_ range: ClosedRange<Float>) -> String {
    "<p class=\"legend\"><span>\(percentage(range.lowerBound))</span><i></i><span>\(percentage(range.upperBound))</span></p>"
  }

  private var wordSection: String {
    let all = explanation.words.map(\.places)
    // One scale for all words: those of little weight look it.
    let sums = all.map { $0.reduce(0, +) }
    let total = max(sums.max() ?? 0, .leastNormalMagnitude)
    let shares = all.map { $0.map { $0 / total } }
    let values = shares.flatMap(\.self)
    let range = (values.min() ?? 0)...(values.max() ?? 0)
    let cards = explanation.words.indices.map { word in
      let name = explanation.words[word].text
      let map = map(shares[word], range: range, "Where “\(name)” looks in the photo")
      let strongest = "strongest place \(percentage(shares[word].max() ?? 0))"
      return """
        <figure>\(map.svg(over: "photo", numbers: 1))<figcaption><b>\(escaped(name))</b>\
        <small>\(explanation.wordsStandAlone ? "" : percentage(sums[word] / total) + " · ")\(strongest)</small></figcaption></figure>
        """
    }
    return """
      <h2>Word by word</h2>
      <p class="quiet">\(wordNote) All maps have one scale.</p>
      <div class="gallery">\(cards.joined(separator: "\n"))</div>
      \(legend(range))
      """
  }

  private var wordNote: String {
    explanation.wordsStandAlone
      ? "In this model words and places never meet, so each map is that of a text of the word alone."
      : "How much of each place there is in what the model makes of the word; 100 % is all that the word with the most has of the "
        + "photo."
  }

  // MARK: Notes

  private var notes: String {
    let cut = explanation.isTextCut ? " The text is longer than the model reads, and its end was cut off." : ""
    return """
      <footer>\(escaped(explanation.method.words)) A bar or a map says how much of a word or a place there is in what the score is made from; it does not say
      that the model is right. The deletion curves say how far to trust the map.\(cut)</footer>
      """
  }
}
