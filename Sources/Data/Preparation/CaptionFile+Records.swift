internal import Archives
internal import FoundationEssentials

/// Under which keys an object has the photo and its captions; of several captions, with commas between.
struct RecordKeys: Equatable {
  let photo: String
  let captions: String
  /// The keys that are not read.
  let others: [String]

  static func == (a: RecordKeys, b: RecordKeys) -> Bool { (a.photo, a.captions) == (b.photo, b.captions) }
}

/// A photo with its captions as one JSON object: `{"image": …, "caption": …}`.
struct CaptionRecord: Decodable {
  /// Empty where the object names no photo.
  let name: String
  /// Frames of a video behind it, where the object has a list of them.
  let frames: [String]
  /// Nil where the object has no key for them.
  let captions: [String]?
  let split: String?
  /// Its sound, beside a photo.
  let clip: String?
  /// The keys that were read.
  let keys: RecordKeys

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    let keys = container.allKeys.map(\.stringValue).sorted(by: byteOrder)
    let plain = keys.map(ColumnNames.plain)
    let photo = try Self.photo(container, keys, plain)
    (name, frames) = (photo?.names.first ?? "", Array(photo?.names.dropFirst() ?? []))
    let kinds = ColumnNames.caption.lazy.map { ColumnNames.numbered($0, in: plain).filter { $0 != photo?.key } }
    let columns = Self.inOrder(kinds.first { !$0.isEmpty } ?? [], plain)
    captions = columns.isEmpty ? nil : try columns.flatMap { try captionTexts(container, AnyKey(keys[$0])) }
    let splitKey = plain.firstIndex(of: "split")
    split = try splitKey.flatMap { try container.decodeIfPresent(SplitWord.self, forKey: AnyKey(keys[$0]))?.word }
    let clipKey = ColumnNames.sound.lazy.compactMap { plain.firstIndex(of: $0) }.first { $0 != photo?.key }
    clip = clipKey.flatMap { (try? container.decode(JSONIdentifier.self, forKey: AnyKey(keys[$0])))?.text }
    let read = columns + [photo?.key, splitKey, clip == nil ? nil : clipKey].compactMap(\.self)
    self.keys = RecordKeys(
      photo: photo.map { keys[$0.key] } ?? "", captions: columns.map { keys[$0] }.joined(separator: ", "),
      others: keys.indices.filter { !read.contains($0) }.map { keys[$0] })
  }

  /// Of the keys that may name the photo, the first that does by its form; else the first that is not null.
  private static func photo(
    _ container: KeyedDecodingContainer<AnyKey>, _ keys: [String], _ plain: [String]
  ) throws -> (key: Int, names: [String])? {
    let present = (ColumnNames.photo + ColumnNames.sound).compactMap { plain.firstIndex(of: $0) }.filter {
      (try? container.decodeNil(forKey: AnyKey(keys[$0]))) == false
    }
    let names = present.compactMap { key -> (key: Int, names: [String])? in
      if let name = try? container.decode(JSONIdentifier.self, forKey: AnyKey(keys[key])) { return (key, [name.text]) }
      guard let list = try? container.decode([String].self, forKey: AnyKey(keys[key])), !list.isEmpty else {
        return nil
      }
      return (key, list)
    }
    if names.isEmpty, let key = present.first {
      _ = try container.decode(JSONIdentifier.self, forKey: AnyKey(keys[key]))
    }
    return names.first { $0.names.allSatisfy(isMediaName) } ?? names.first
  }

  /// `caption_2` before `caption_10`.
  private static func inOrder(_ columns: [Int], _ names: [String]) -> [Int] {
    columns.sorted { (names[$0].count, names[$0]) < (names[$1].count, names[$1]) }
  }
}

/// A text, or a list of texts; null is none.
func captionTexts(_ container: KeyedDecodingContainer<AnyKey>, _ key: AnyKey) throws -> [String] {
  if let text = try? container.decode(String.self, forKey: key) { return [text] }
  if try container.decodeNil(forKey: key) { return [] }
  return try container.decode([String].self, forKey: key)
}

/// What stands in JSON where a split belongs. A list or an object is nothing that could name one, and is told so.
struct SplitWord: Decodable {
  let word: String

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    word = (try? container.decode(JSONIdentifier.self))?.text ?? "a value that is no text"
  }
}

extension CaptionFile {
  /// JSON lines: `{"image": …, "caption": …}` or `{"image": …, "captions": […]}`, one a line as a rule. A line may hold
  /// several objects, and where the first line does not hold a whole one, an object may go on over several lines.
  static func jsonLines(_ bytes: [UInt8], path: String) throws -> CaptionFile {
    var file = CaptionFile(path: path, layout: .records)
    if let first = TextLines(bytes).first(where: { $0.bytes.contains { $0 > 0x20 } }), isCut(first.bytes) {
      try file.takeValues(bytes)
    } else {
      for line in TextLines(bytes) where line.bytes.contains(where: { $0 > 0x20 }) {
        file.take(line: line.bytes, at: .line(line.number))
      }
    }
    return try file.withCaptions()
  }

  /// The same objects as one JSON list.
  static func jsonList(_ bytes: [UInt8], path: String) throws -> CaptionFile {
    var file = CaptionFile(path: path, layout: .records)
    let items: [LenientItem<CaptionRecord>]
    do {
      items = try decodeJSON([LenientItem<CaptionRecord>].self, bytes)
    } catch {
      throw PreparationError.unreadableJSON(path: path, reason: error.reason)
    }
    for (index, item) in items.enumerated() {
      let place = RowPlace.item(list: "", index: index)
      switch item.result {
      case .failure(let fault): file.reject(.damagedRow, at: place, fault.reason)
      case .success(let record): file.take(record, at: place)
      }
    }
    return try file.withCaptions()
  }

  /// `{"a.jpg": "…", "b.jpg": ["…", "…"]}`.
  static func named(_ captions: [String: [String]], path: String) -> CaptionFile {
    var file = CaptionFile(path: path, layout: .records)
    for name in captions.keys.sorted(by: byteOrder) {
      let own = captions[name] ?? []
      if own.isEmpty { file.add("", to: name, at: .item(list: name, index: 0)) }
      for (index, caption) in own.enumerated() { file.add(caption, to: name, at: .item(list: name, index: index)) }
    }
    return file
  }

  /// One object alone.
  static func record(_ record: CaptionRecord, path: String) -> CaptionFile {
    var file = CaptionFile(path: path, layout: .records)
    file.take(record, at: .line(1))
    return file
  }

  private static func isCut(_ line: ArraySlice<UInt8>) -> Bool {
    let scan = JSONScan(Array(line))
    return scan.values.isEmpty && scan.fault?.what == JSONScan.endsInside
  }

  private mutating func takeValues(_ bytes: [UInt8]) throws {
    let scan = JSONScan(bytes)
    if let fault = scan.fault {
      throw PreparationError.unreadableJSON(path: path, reason: JSONFault.syntax(fault).reason)
    }
    var (line, end) = (1, 0)
    for value in scan.values {
      line += bytes[end..<value.lowerBound].count { $0 == 0x0A }
      take(line: bytes[value], at: .line(line))
      line += bytes[value].count { $0 == 0x0A }
      end = value.upperBound
    }
  }

  private mutating func take(line: ArraySlice<UInt8>, at place: RowPlace) {
    if let fault = textFault(line) { return reject(.badText, at: place, fault.reason) }
    do throws(JSONFault) {
      take(try decodeJSON(CaptionRecord.self, line), at: place)
    } catch {
      guard case .several(let values) = error else { return reject(.damagedRow, at: place, error.placeInLine) }
      for value in values {
        take(line: line[(line.startIndex + value.lowerBound)..<(line.startIndex + value.upperBound)], at: place)
      }
    }
  }

  private mutating func take(_ record: CaptionRecord, at place: RowPlace) {
    guard !record.name.isEmpty else { return reject(.damagedRow, at: place, "it names no photo (no key image)") }
    guard let captions = record.captions else {
      return reject(.damagedRow, at: place, "it has no caption (no key caption)")
    }
    if keys == nil { keys = record.keys }
    if keys != record.keys { otherKeys.append(record.keys) }
    guard show(record.name, record.frames) else {
      let detail = "behind its first frame it has others than an earlier one"
      return reject(.damagedRow, at: place, detail, subject: record.name)
    }
    mention(record.name, split: record.split)
    if let clip = record.clip { hear(record.name, clip, at: place) }
    if captions.isEmpty { add("", to: record.name, at: place) }
    for caption in captions { add(caption, to: record.name, at: place) }
  }

  /// Itself, unless no object at all is a photo with captions: other JSON has that form too.
  private func withCaptions() throws -> CaptionFile {
    guard names.isEmpty else { return self }
    let first = problems.first?.detail ?? "it is empty"
    throw PreparationError.unreadableJSON(path: path, reason: "no object in it is a photo with captions: \(first)")
  }
}
