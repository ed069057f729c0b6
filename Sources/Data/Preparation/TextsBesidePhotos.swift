internal import Archives
internal import Files
internal import FoundationEssentials

/// Texts that lie beside photos under the same name, `a.txt` or `a.json` beside `a.jpg`: what img2dataset, webdataset and
/// programs that train image generators write, and what a prepared set's own shards hold.
struct TextsBesidePhotos {
  /// What lies beside one photo, or beside several that differ in their extension alone.
  private struct Place {
    let photos: [String]
    /// The one that is read first.
    var texts: [String] = []
    var json: String?
  }

  private var places: [Place] = []
  /// Whether most photos have one; a name or two that happen to be equal are no layout.
  let isLayout: Bool
  /// The folders in which such texts lie.
  private let folders: Set<String>

  /// The preferred one first.
  private static let textEndings = ["txt", "caption", "text", "cap"]

  /// - Parameters:
  ///   - names: of the source, sorted.
  ///   - photos: those among them.
  init(names: [String], photos: [String]) {
    let texts = names.filter { extensionOf($0) == "json" || Self.textEndings.contains(extensionOf($0)) }
    guard !texts.isEmpty else {
      (isLayout, folders) = (false, [])
      return
    }
    let byStem = Dictionary(grouping: photos, by: stem)
    let byKey = Dictionary(grouping: photos, by: webDatasetKey)
    var found: [[String]: Int] = [:]
    for name in texts {
      let ofKey = byKey[webDatasetKey(name)].flatMap { $0.count == 1 ? $0 : nil }
      guard let own = byStem[stem(name)] ?? ofKey else { continue }
      let place = found[own] ?? places.count
      if place == places.count {
        places.append(Place(photos: own))
        found[own] = place
      }
      if extensionOf(name) == "json" { places[place].json = name } else { places[place].texts.append(name) }
    }
    let order = { (name: String) in Self.textEndings.firstIndex(of: extensionOf(name)) ?? 0 }
    for place in places.indices { places[place].texts.sort { (order($0), $0) < (order($1), $1) } }
    isLayout = !places.isEmpty && places.count * 2 >= byStem.count
    folders = Set(places.flatMap(\.texts).map { parentFolder(of: $0) })
  }

  /// The files that are such texts.
  var files: [String] { places.flatMap { $0.texts + [$0.json].compactMap(\.self) } }

  /// Whether a text would be one if there were a photo of its name.
  func wouldBeOne(_ name: String) -> Bool {
    Self.textEndings.contains(extensionOf(name)) && folders.contains(parentFolder(of: name))
  }

  /// All of them as one caption file, or nil where there are none: each line of a text is a caption. The JSON beside a photo
  /// is read for its split, and for its captions where it has several of them or there is no text.
  func captionFile(_ source: some FileSource) throws -> CaptionFile? {
    guard let first = files.first else { return nil }
    var file = CaptionFile(path: "\(files.count) files beside photos (\(first), …)", layout: .beside)
    var tallies = BesideTallies()
    for place in places { try take(place, source, into: &file, &tallies) }
    file.notes += tallies.words
    return file
  }

  private func take(
    _ place: Place, _ source: some FileSource, into file: inout CaptionFile, _ tallies: inout BesideTallies
  ) throws {
    let text = place.texts.first
    let record = try place.json.flatMap { try self.record($0, source, into: &file, &tallies, isNeeded: text == nil) }
    let usesRecord = text == nil || (record?.captions.count ?? 0) > 1
    let lines = usesRecord ? [] : try text.map { try Self.lines(of: $0, source) } ?? []
    tallies.count(lines, otherTexts: place.texts.count - 1, unread: usesRecord ? nil : record?.captions.first)
    for photo in place.photos {
      file.mention(photo, split: record?.split?.word)
      if usesRecord, let json = place.json {
        for caption in record?.captions ?? [] { file.add(caption, to: photo, at: .file(json, line: 1)) }
      } else if let text {
        for line in lines { file.take(line, of: photo, from: text) }
      }
    }
  }

  /// A JSON beside a photo; nil where it is damaged, or of another form. That is a fault where it should have the captions.
  private func record(
    _ path: String, _ source: some FileSource, into file: inout CaptionFile, _ tallies: inout BesideTallies,
    isNeeded: Bool
  ) throws -> RecordBesidePhoto? {
    do {
      return try decodeJSON(RecordBesidePhoto.self, source.read(path))
    } catch let fault as JSONFault {
      if isNeeded { file.reject(.damagedRow, at: .file(path, line: 1), fault.reason) }
      if case .syntax = fault, !isNeeded { tallies.damaged += 1 }
      return nil
    }
  }

  /// The lines of a text with something in them.
  private static func lines(of path: String, _ source: some FileSource) throws -> [TextLines.Element] {
    try TextLines(PlainText(source.read(path), path: path).bytes).filter { $0.bytes.contains { $0 > 0x20 } }
  }
}

/// What is decided for some photos, and told for all of them.
private struct BesideTallies {
  private var severalLines = 0
  private var otherTexts = 0
  private var otherRecords = 0
  var damaged = 0

  /// - Parameter unread: a caption that is passed over for the text's.
  mutating func count(_ lines: [TextLines.Element], otherTexts: Int, unread: String?) {
    if lines.count > 1 { severalLines += 1 }
    if otherTexts > 0 { self.otherTexts += 1 }
    let first = lines.first.map { trimmed(String(decoding: $0.bytes, as: UTF8.self)) }
    if let unread, trimmed(unread) != first { otherRecords += 1 }
  }

  var words: [String] {
    [
      (severalLines, "texts have several lines: each line is a caption"),
      (
        otherTexts, "photos have several texts; .txt comes before .caption, .text and .cap, and the others are not read"
      ),
      (otherRecords, "photos have another caption in their JSON than in their text; the text is read"),
      (damaged, "JSON files beside photos with texts are damaged, and not read"),
    ].filter { $0.0 > 0 }.map { "\($0) \($1)" }
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
  let split: SplitWord?

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    let keys = container.allKeys.map(\.stringValue).sorted(by: byteOrder)
    let wanted = ["captions"] + ColumnNames.caption
    guard let found = wanted.lazy.compactMap({ name in keys.first { ColumnNames.plain($0) == name } }).first else {
      throw TextFault("it has no caption (no key caption)")
    }
    captions = try captionTexts(container, AnyKey(found))
    let split = keys.first { ColumnNames.plain($0) == "split" }
    self.split = try split.flatMap { try container.decodeIfPresent(SplitWord.self, forKey: AnyKey($0)) }
  }
}

private func stem(_ path: String) -> String { String(path[..<(path.lastIndex(of: ".") ?? path.endIndex)]) }

/// What WebDataset takes for the name that photo and text share: all up to the first dot of the file's own name.
private func webDatasetKey(_ path: String) -> String {
  let name = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
  return String(path[..<(path[name...].firstIndex(of: ".") ?? path.endIndex)])
}
