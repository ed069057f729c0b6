internal import Archives
internal import Files
internal import FoundationEssentials

/// Texts that lie beside photos under the same name, `a.txt` or `a.json` beside `a.jpg`: what img2dataset, webdataset and
/// programs that train image generators write, and what a prepared set's own shards hold.
struct TextsBesidePhotos {
  /// What lies beside one photo, or beside several that differ in their extension alone.
  private struct Place {
    let photos: [String]
    var text: String?
    var json: String?
  }

  private var places: [Place] = []

  private static let textEndings = ["txt", "caption", "text", "cap"]

  /// - Parameter names: of the source, sorted.
  init(names: [String]) {
    let photos = Dictionary(grouping: names.filter(isPictureName), by: stem)
    guard !photos.isEmpty else { return }
    var found: [String: Int] = [:]
    for name in names where extensionOf(name) == "json" || Self.textEndings.contains(extensionOf(name)) {
      guard let own = photos[stem(name)] else { continue }
      let place = found[stem(name)] ?? places.count
      if place == places.count {
        places.append(Place(photos: own))
        found[stem(name)] = place
      }
      if extensionOf(name) == "json" {
        places[place].json = name
      } else {
        places[place].text = places[place].text ?? name
      }
    }
    // A name or two that happen to be equal are no layout.
    if places.count * 2 < photos.count { places = [] }
  }

  /// The files that are such texts.
  var files: [String] { places.flatMap { [$0.text, $0.json] }.compactMap(\.self) }

  /// All of them as one caption file, or nil where there are none: each line of a text is a caption. The JSON beside a photo
  /// is read for its split, and for its captions where it has several of them or there is no text.
  func captionFile(_ source: some FileSource) throws -> CaptionFile? {
    guard let first = files.first else { return nil }
    var file = CaptionFile(path: "\(files.count) files beside photos (\(first), …)", layout: .beside)
    var severalLines = 0
    for place in places {
      let record = try place.json.flatMap { try self.record($0, source, into: &file, isNeeded: place.text == nil) }
      let usesRecord = place.text == nil || (record?.captions.count ?? 0) > 1
      let lines = usesRecord ? [] : try place.text.map { try Self.lines(of: $0, source) } ?? []
      if lines.count > 1 { severalLines += 1 }
      for photo in place.photos {
        file.mention(photo, split: record?.split)
        if usesRecord, let json = place.json {
          for caption in record?.captions ?? [] { file.add(caption, to: photo, at: .file(json, line: 1)) }
        } else if let text = place.text {
          for line in lines { file.take(line, of: photo, from: text) }
        }
      }
    }
    if severalLines > 0 { file.notes.append("\(severalLines) texts have several lines: each line is a caption") }
    return file
  }

  /// A JSON beside a photo; nil where it is damaged, or of another form. That is a fault where it should have the captions.
  private func record(
    _ path: String, _ source: some FileSource, into file: inout CaptionFile, isNeeded: Bool
  ) throws -> RecordBesidePhoto? {
    do {
      return try decodeJSON(RecordBesidePhoto.self, source.read(path))
    } catch let fault as JSONFault {
      if isNeeded { file.reject(.damagedRow, at: .file(path, line: 1), fault.reason) }
      return nil
    }
  }

  /// The lines of a text with something in them.
  private static func lines(of path: String, _ source: some FileSource) throws -> [TextLines.Element] {
    try TextLines(PlainText(source.read(path), path: path).bytes).filter { $0.bytes.contains { $0 > 0x20 } }
  }
}

extension CaptionFile {
  fileprivate mutating func take(_ line: TextLines.Element, of photo: String, from path: String) {
    let place = RowPlace.file(path, line: line.number)
    switch text(of: line.bytes) {
    case .success(let caption): add(caption, to: photo, at: place)
    case .failure(let fault): reject(.badText, at: place, fault.reason, subject: photo)
    }
  }
}

/// A JSON object beside a photo; other keys than these are somebody else's.
private struct RecordBesidePhoto: Decodable {
  let captions: [String]
  let split: String?

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    let key = ["captions"] + ColumnNames.caption
    guard let found = key.lazy.map({ AnyKey($0) }).first(where: { container.contains($0) }) else {
      throw TextFault("it has no caption (no key caption)")
    }
    if let text = try? container.decode(String.self, forKey: found) {
      captions = [text]
    } else {
      captions = try container.decode([String].self, forKey: found)
    }
    split = try? container.decodeIfPresent(String.self, forKey: AnyKey("split"))
  }
}

private func stem(_ path: String) -> String { String(path[..<(path.lastIndex(of: ".") ?? path.endIndex)]) }
