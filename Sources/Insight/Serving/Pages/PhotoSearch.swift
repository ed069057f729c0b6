internal import Batching
public import Inference
internal import Reporting

/// A collection of photos, or of clips, that is asked by texts and by photos.
public final class PhotoSearch: Sendable {
  private let index: String
  private let file: FeatureFile
  private let table: FeatureFile.Table
  private let kind: MediaKind
  private let page: SearchPage
  private let model: ModelThread<LoadedModel>

  /// Most photos that are told of a question.
  private static let most = 100
  private static let usual = 10

  /// - Parameters:
  ///   - index: what `mmtrain search index` wrote.
  ///   - load: makes the model that made it, by the name that the index knows; called once, on a thread of the model's own.
  /// - Throws: `InferenceError` for an index without photos or of another model, the errors of reading.
  public init(
    index: String, _ limits: ServerLimits = ServerLimits(),
    load: @escaping @Sendable (_ name: String) throws -> LoadedModel
  ) throws {
    let file = try FeatureFile(path: index)
    guard let (table, kind) = file.media else { throw InferenceError.noImages(path: index) }
    (self.index, self.file, self.table, self.kind) = (index, file, table, kind)
    model = try ModelThread(places: limits.waiting) {
      let loaded = try load(file.stamp.name)
      try loaded.require(file, path: index, name: file.stamp.name)
      return loaded
    }
    let photos: (any PhotoCollection)? =
      if let place = file.photos {
        try? photoCollection(at: place, kind == .clips ? kind : nil)
      } else {
        try? PhotoFiles(at: table.names, kind)
      }
    page = SearchPage(
      index: index, model: file.stamp.name, photoCount: table.names.count, photos: photos, kind: photos?.kind ?? kind)
  }

  // MARK: What is asked

  /// By the address: a text, or nothing yet.
  func asked(_ head: RequestHead, _ frame: SiteFrame, asJSON: Bool) throws -> Response {
    let top = try count(head.asked("top"))
    guard let text = head.asked("text"), !text.allSatisfy(\.isWhitespace) else {
      if asJSON || head.asked("text") != nil {
        throw Refusal(.unprocessableContent, "No text is given; write what the \(kind.word)s should be of.")
      }
      return .html(wordPage("Search", first, frame.html(.search, form: form(text: "", top))))
    }
    let hits = try model.ask { [table] model in
      table.nearest(top, to: try model.encode([text]).features, model.engine)[0]
    }
    return told(SearchAnswer(query: .text(text), hits: hits), nil, frame, form(text: text, top), asJSON)
  }

  /// By a form with a photo in it.
  func asked(_ sent: MultipartForm, _ frame: SiteFrame, asJSON: Bool) throws -> Response {
    let top = try count(try sent.text("top"))
    guard kind == .photos else {
      throw Refusal(.unprocessableContent, "This index is of audio clips, which are found by texts here.")
    }
    guard let photo = try SentFile("photo", .photos, in: sent) else {
      throw Refusal(.unprocessableContent, "No photo is sent; choose a JPEG, PNG or WebP file.")
    }
    let hits = try model.ask { [table] model in
      table.nearest(top, to: try model.encode(photo, PhotoEncoding()).features, model.engine)[0]
    }
    return told(
      SearchAnswer(query: .image(photo.name(at: 0)), hits: hits), photo, frame, form(text: "", top), asJSON)
  }

  private func count(_ text: String?) throws -> Int {
    guard let text, !text.isEmpty else { return Self.usual }
    guard let count = Int(text), 1...Self.most ~= count else {
      throw Refusal(.unprocessableContent, "The number of \(kind.word)s is from 1 to \(Self.most).")
    }
    return count
  }

  // MARK: What is told

  private func told(
    _ answer: SearchAnswer, _ photo: SentFile?, _ frame: SiteFrame, _ form: String, _ asJSON: Bool
  ) -> Response {
    if asJSON { return .json(searchDocument([answer], index: index, file).document) }
    var page = page
    page.frame = frame.html(.search, form: form)
    return .html(page.page([answer], queryPhotos: photo))
  }

  private var first: String {
    """
    <h1>Search</h1>
    <p>\(table.names.count) \(kind.word)s in \(escaped(index)), by the model \(escaped(file.stamp.name)). Write what they should be of\
    \(kind == .photos ? ", or choose a photo that they should be like" : "").</p>
    """
  }

  private func form(text: String, _ top: Int) -> String {
    let number =
      "<label>How many <input type=\"number\" name=\"top\" min=\"1\" max=\"\(Self.most)\" value=\"\(top)\"></label>"
    let byText = """
      <form action="/search" role="search" aria-label="By text"><label class="long">Text <input type="search" name="text" maxlength="500" value="\(escaped(text))" required></label>
      \(number)<button>Search by text</button></form>
      """
    guard kind == .photos else { return byText }
    return byText + """

      <form action="/search" method="post" enctype="multipart/form-data" aria-label="By photo"><label class="long">Photo <input type="file" name="photo" accept="image/jpeg,image/png,image/webp" required></label>
      \(number)<button>Search by photo</button></form>
      """
  }
}
