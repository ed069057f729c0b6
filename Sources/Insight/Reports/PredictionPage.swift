public import Evaluation
public import Inference
public import Models
public import Reporting

/// What models say of new examples, as one page that needs nothing beside it: photos, bars of probabilities, boxes on the photos, and why
/// somebody else should look.
public struct PredictionPage {
  /// A photo, or what stands for texts alone.
  public struct Entry: Sendable {
    /// Of the photo; nil where there is none.
    public let name: String?
    public let picture: Thumbnail?
    public let told: [Told]

    public init(name: String?, picture: Thumbnail?, told: [Told]) {
      (self.name, self.picture, self.told) = (name, picture, told)
    }
  }

  /// What is told of a photo with one text.
  public struct Told: Sendable {
    public let text: String?
    /// The likeliest first, in each place where something is told.
    public let bars: [[(text: String, probability: Double)]]
    /// As shares of the photo.
    public let box: Box?
    /// At the model's temperature, and why somebody else should look at it; nil without a calibration.
    public let trust: (confidence: Double?, reasons: [String])?
    /// A text that a model has written, what people say, and how alike these are.
    public var written: ToldText?
    public var references: [String] = []
    public var scores: CaptionScores?

    public init(
      text: String?, bars: [[(text: String, probability: Double)]], box: Box?,
      trust: (confidence: Double?, reasons: [String])?
    ) {
      (self.text, self.bars, self.box, self.trust) = (text, bars, box, trust)
    }
  }

  /// Most photos of a page, and most bytes of pictures in it.
  public static let mostEntries = 1000
  public static let pictureBytes = 24 << 20

  let models: [String]
  /// How texts are written; nil where none are.
  private let way: String?
  /// What photos these are, where they are not named one by one.
  public var subject: String?
  /// What is said of all together, as a terminal shows it.
  public var figures: String?
  /// What stands above the page, where it is one of several.
  public var frame: HTMLFrame?
  private var entries: [Entry] = []
  private var bytes = 0
  private var withoutPicture = 0
  /// Photos that there was no room for.
  private var left = 0
  /// Photos that could not be read, and why.
  private var skipped: [(name: String, reason: String)] = []

  /// - Parameters:
  ///   - models: as they were named.
  ///   - way: how texts are written, where any are.
  public init(models: [String], way: String? = nil) { (self.models, self.way) = (models, way) }

  /// Adds what was told of a photo, in its turn.
  /// - Parameter picture: is asked for the photo where there is room for it.
  public mutating func add(name: String?, _ told: [Told], picture: () -> Thumbnail?) {
    guard entries.count < Self.mostEntries else {
      left += 1
      return
    }
    let found = bytes < Self.pictureBytes ? picture() : nil
    if name != nil, found == nil { withoutPicture += 1 }
    bytes += found?.address.utf8.count ?? 0
    entries.append(Entry(name: name, picture: found, told: told))
  }

  public mutating func addSkipped(name: String, reason: String) { skipped.append((name, reason)) }

  public var html: String {
    HTMLPage(
      title: "What \(models.joined(separator: ", ")) says", style: Self.style + order.style, content: content,
      frame: frame
    ).text
  }

  private var content: String {
    """
    <header><p class="quiet">\(escaped((models + [subject].compactMap(\.self)).joined(separator: " · ")))</p>
    <h1>\(heading)</h1>
    \(notes.map { "<p class=\"quiet\">\(escaped($0))</p>" }.joined(separator: "\n"))</header>
    \(table)
    \(order.buttons)
    <div class="cards">
    \(entries.enumerated().map { PredictionCard(entry: $1, places: order.places(of: $0)).html }.joined(separator: "\n"))
    </div>
    \(skippedList)
    """
  }

  /// Line by line, as line ends are escaped too.
  private var table: String {
    guard let figures else { return "" }
    let lines = figures.split(separator: "\n", omittingEmptySubsequences: false)
    return "<pre class=\"figures\">\(lines.map { escaped(String($0)) }.joined(separator: "\n"))</pre>"
  }

  /// By what is written, of the first text of each photo.
  private var order: CardOrder {
    let keys: [(name: String, value: (Told) -> Double?)] = [
      ("ln p of a token", { $0.written?.meanLogProbability }), ("CIDEr-D", { $0.scores?.cider }),
      ("ROUGE-L", { $0.scores?.rougeL }),
    ]
    let values = keys.map { key in (key.name, entries.map { $0.told.first.flatMap(key.value) }) }
    return CardOrder(values.filter { $0.1.contains { $0 != nil } })
  }

  private var heading: String {
    let photos = entries.count { $0.name != nil }
    let texts = entries.first?.told.count { $0.text != nil } ?? 0
    return [count(photos, "photo"), count(texts, "text")].compactMap(\.self).joined(separator: ", ")
  }

  private func count(_ number: Int, _ what: String) -> String? {
    number == 0 ? nil : "\(number) \(what)\(number == 1 ? "" : "s")"
  }

  private var notes: [String] {
    let referred = entries.reduce(0) { $0 + $1.told.count { $0.trust?.reasons.isEmpty == false } }
    let all = entries.reduce(0) { $0 + $1.told.count }
    let written = entries.flatMap { $0.told.compactMap(\.written) }
    return [
      way.map { way in
        "Written: \(way). \(written.count(where: \.isCut)) of \(written.count) were cut there."
      },
      models.count > 1 ? "Probabilities are the mean of \(models.count) models'." : nil,
      entries.contains { $0.told.contains { $0.trust != nil } }
        ? "\(referred) of \(all) are referred: somebody else should look at them." : nil,
      left > 0 ? "\(left) more photos are not on this page, which shows the first \(Self.mostEntries)." : nil,
      withoutPicture > 0
        ? "\(withoutPicture) photos are named without their picture: a page holds \(Self.pictureBytes >> 20) MiB of pictures."
        : nil,
    ].compactMap(\.self)
  }

  private var skippedList: String {
    guard !skipped.isEmpty else { return "" }
    let shown = skipped.prefix(Self.mostEntries)
    let rows = shown.map { "<li>\(escaped($0.name)): \(escaped($0.reason))</li>" }
    let rest = skipped.count > shown.count ? "<li>and \(skipped.count - shown.count) more</li>" : ""
    return "<h2>Left out</h2>\n<ul class=\"quiet\">\(rows.joined(separator: "\n"))\(rest)</ul>"
  }

  private static let style =
    ExplanationPage.style + "\n" + PredictionCard.style + """

      .card.refer { border-color: var(--ours); box-shadow: inset 0 0 0 1px var(--ours); }
      .figures { overflow-x: auto; font-size: 0.85rem; }
      .why { font-size: 0.9rem; margin: 0.3rem 0; }
      .why b { background: var(--ours); color: Canvas; border-radius: 0.3rem; padding: 0.05rem 0.4rem; margin-right: 0.3rem; }
      """
}
