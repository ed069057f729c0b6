internal import Evaluation
internal import Inference
internal import Reporting

/// A sample of a split: its photo with what is told of it, and what is so.
struct SampleCard {
  let sample: ShownSample
  let picture: Thumbnail?

  /// Of a picture on the page, in units that boxes are drawn in.
  private static let width = 320.0

  var html: String {
    """
    <article class="card">\(photo)
    <div class="body"><p class="name">\(escaped(sample.name))</p>
    \(sample.text.map { "<p class=\"asked\">“\(escaped(cut($0)))”</p>" } ?? "")
    \(verdict)\(told)\(written)\(right)
    </div></article>
    """
  }

  private var photo: String {
    guard let picture else { return "<div class=\"none\">no picture</div>" }
    let height = Self.width * Double(picture.height) / Double(picture.width)
    let words =
      sample.boxes.isEmpty ? "" : ", with the model's box and \(sample.boxes.count { $0.isRight }) of people's"
    return """
      <svg viewBox="0 0 \(decimals(Self.width, 0)) \(decimals(height, 1))" role="img"><title>\(escaped(sample.name + words))</title>
      <image width="\(decimals(Self.width, 0))" height="\(decimals(height, 1))" href="\(picture.address)"/>
      \(sample.boxes.map { drawn($0, height) }.joined())</svg>
      """
  }

  /// People's are dashed, each on a light line so that it is seen on any photo.
  private func drawn(_ box: ShownBox, _ height: Double) -> String {
    let (left, top) = (Double(box.left) * Self.width, Double(box.top) * height)
    let place =
      "x=\"\(decimals(left, 1))\" y=\"\(decimals(top, 1))\" width=\"\(decimals(max(0, Double(box.right) * Self.width - left), 1))\" "
      + "height=\"\(decimals(max(0, Double(box.bottom) * height - top), 1))\" rx=\"3\""
    return "<rect class=\"halo\" \(place)/><rect class=\"\(box.isRight ? "box people" : "box")\" \(place)/>"
  }

  // MARK: Words

  private var verdict: String {
    guard sample.isRight != nil || sample.measure != nil else { return "" }
    let mark = sample.isRight.map { $0 ? "<b class=\"mark\">✓ right</b>" : "<b class=\"mark miss\">✗ wrong</b>" } ?? ""
    return "<p class=\"verdict\">\(mark) \(escaped(sample.measure ?? ""))</p>"
  }

  private var told: String {
    guard !sample.told.isEmpty else { return "" }
    let bars = sample.told.map { choice in
      guard let probability = choice.probability else { return "<li><span>\(escaped(choice.text))</span></li>" }
      guard probability.isFinite else {
        return "<li><span>\(escaped(choice.text))</span><b>no number</b></li>"
      }
      let percent = decimals(100 * probability, 1)
      return "<li><span>\(escaped(choice.text))</span><b>\(percent) %</b><i style=\"--share: \(percent)%\"></i></li>"
    }
    return "<ul class=\"bars\">\(bars.joined(separator: "\n"))</ul>"
  }

  private var written: String {
    guard let text = sample.written else { return "" }
    let figures = [
      sample.scores?.cider.map { "CIDEr-D \(decimals($0, 3))" },
      sample.scores.map { "ROUGE-L \(decimals($0.rougeL, 3))" },
      "\(decimals(text.meanLogProbability, 2)) ln p a token",
    ]
    return
      "<p class=\"text\">\(text.words.isEmpty ? "(no word)" : escaped(text.words))\(text.isCut ? "<b>cut</b>" : "")</p>"
      + "<p class=\"sure\">\(figures.compactMap(\.self).joined(separator: " · "))</p>"
  }

  private var right: String {
    guard sample.boxes.isEmpty else {
      return "<p class=\"sure\">whole line: the model; dashed: people</p>"
    }
    guard sample.written == nil else {
      return "<ul class=\"people\">" + sample.right.map { "<li>\(escaped($0))</li>" }.joined() + "</ul>"
    }
    guard sample.isRight != nil else { return "" }
    let words = sample.right.isEmpty ? "none of the classes" : sample.right.joined(separator: ", ")
    return "<p class=\"sure\">the data say: \(escaped(words))</p>"
  }

  /// A long text is cut on a page; programs get all of it.
  private static let mostLetters = 140

  private func cut(_ text: String) -> String {
    text.count <= Self.mostLetters ? text : text.prefix(Self.mostLetters) + "…"
  }

  static let style =
    PredictionCard.style + """

      .cards { grid-template-columns: repeat(auto-fill, minmax(min(12rem, 100%), 1fr)); gap: 1rem; }
      .card .asked { margin: 0 0 0.3rem; font-weight: 600; overflow-wrap: anywhere; }
      .verdict { margin: 0.2rem 0; font-size: 0.9rem; }
      .mark { border: 2px solid currentColor; border-radius: 0.3rem; padding: 0 0.35rem; font-size: 0.8rem; white-space: nowrap; }
      .mark.miss { border-style: dashed; }
      .card .box { stroke: var(--ours); }
      .card .people.box { stroke: #111; stroke-dasharray: 7 4; }
      """
}
