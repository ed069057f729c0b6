public import Batching
public import Reporting

/// What was asked for.
public enum SearchQuery: Sendable, Equatable {
  case text(String)
  /// A photo by its path.
  case image(String)
  /// A clip by its path.
  case audio(String)

  var words: String {
    switch self {
    case .text(let text): text
    case .image(let path), .audio(let path): path
    }
  }
}

/// What was found.
public struct SearchAnswer: Sendable {
  public let query: SearchQuery
  /// The nearest first.
  public let hits: [SearchHit]

  public init(query: SearchQuery, hits: [SearchHit]) { (self.query, self.hits) = (query, hits) }
}

/// The answers to queries as one page: the photos are in it, small. Everything from outside is escaped.
public struct SearchPage: Sendable {
  let index: String
  let model: String
  let photoCount: Int
  /// Where the photos are, nil where they are gone; rows are those of the index.
  let photos: (any PhotoCollection)?
  let places: [[UInt8]: Int]

  /// What the rows of the index are of.
  let kind: MediaKind
  /// What stands above the page, where it is one of several.
  public var frame: HTMLFrame?

  /// - Parameter photos: where those of the index are; their names are its names.
  public init(
    index: String, model: String, photoCount: Int, photos: (any PhotoCollection)?, kind: MediaKind = .photos
  ) {
    (self.index, self.model, self.photoCount) = (index, model, photoCount)
    (self.photos, self.kind) = (photos, kind)
    var places: [[UInt8]: Int] = [:]
    if let photos { for place in 0..<photos.count { places[Array(photos.name(at: place).utf8)] = place } }
    self.places = places
  }

  /// - Parameter queryPhotos: those that queries name.
  public func page(_ answers: [SearchAnswer], queryPhotos: (any PhotoCollection)?) -> String {
    let sections = answers.map { section($0, queryPhotos) }.joined(separator: "\n")
    let content = """
      \(sections)
      <footer>\(photoCount) \(kind.word)s in \(escaped(index)), compared one by one · model \(escaped(model)) · the number is the
      cosine of the angle between the features</footer>
      """
    return HTMLPage(
      title: answers.map(\.query.words).joined(separator: " · "), style: Self.style, content: content, frame: frame
    ).text
  }

  private func section(_ answer: SearchAnswer, _ queryPhotos: (any PhotoCollection)?) -> String {
    let cards = answer.hits.enumerated().map { card($1, rank: $0 + 1) }.joined(separator: "\n")
    let words = escaped(answer.query.words)
    let heading: String
    switch answer.query {
    case .text: heading = "<h1>“\(words)”</h1>"
    case .audio: heading = "<h1>\(likeness) \(words)</h1>"
    case .image(let path):
      let picture = queryPhotos.flatMap { photos in
        photos.names.firstIndex(of: path).flatMap { Self.picture(photos, $0) }
      }
      heading =
        "<h1>\(likeness) \(words)</h1>"
        + (picture.map { "\n<img class=\"query\" alt=\"the photo asked with\" src=\"\($0)\">" } ?? "")
    }
    return "<section>\n\(heading)\n<ol>\n\(cards)\n</ol>\n</section>"
  }

  private var likeness: String { kind == .photos ? "Photos like" : "Audio clips like" }

  private static func picture(_ photos: any PhotoCollection, _ place: Int) -> String? {
    photos.thumbnail(at: place, side: 320)?.address
  }

  private func card(_ hit: SearchHit, rank: Int) -> String {
    let picture =
      kind == .clips
      ? nil : photos.flatMap { photos in places[Array(hit.name.utf8)].flatMap { Self.picture(photos, $0) } }
    let image =
      picture.map { "<img alt=\"\" src=\"\($0)\">" }
      ?? "<div class=\"gone\">\(kind == .clips ? "a clip to hear" : "the photo is not there any more")</div>"
    let similarity = fixed(hit.similarity)
    return """
      <li><figure>\(image)<figcaption><b>\(rank)</b> <span title="\(escaped(hit.name))">\(escaped(hit.name))</span> \
      <data value="\(hit.similarity)">\(similarity)</data></figcaption></figure></li>
      """
  }

  private static let style = """
    main { max-width: 80rem; }
    h1 { font-size: 1.5rem; font-weight: 600; margin: 1.5rem 0 1rem; overflow-wrap: anywhere; }
    ol { list-style: none; margin: 0; padding: 0; display: grid; gap: 1rem;
         grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); }
    figure { margin: 0; border: 1px solid var(--edge); border-radius: 0.6rem; overflow: hidden; }
    figure img, .gone { display: block; width: 100%; aspect-ratio: 4 / 3; object-fit: cover; background: var(--edge); }
    .gone { display: grid; place-items: center; color: var(--quiet); }
    img.query { max-width: 20rem; border-radius: 0.6rem; margin-bottom: 1rem; }
    figcaption { display: flex; gap: 0.6rem; padding: 0.5rem 0.7rem; font-size: 0.9rem; }
    figcaption span { flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    figcaption data { font-variant-numeric: tabular-nums; color: var(--quiet); }
    footer { margin-top: 2rem; color: var(--quiet); font-size: 0.85rem; }
    """
}

/// Three decimals, a point in every locale.
private func fixed(_ value: Float) -> String {
  let thousandths = Int((Double(value) * 1000).rounded())
  let digits = String(thousandths.magnitude % 1000)
  return (thousandths < 0 ? "-" : "") + "\(thousandths.magnitude / 1000)."
    + String(repeating: "0", count: 3 - digits.count) + digits
}
