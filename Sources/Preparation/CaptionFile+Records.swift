internal import FoundationEssentials

/// A photo with its captions as one JSON object: `{"image": …, "caption": …}`.
struct CaptionRecord: Decodable {
  let name: String
  let captions: [String]
  let split: String?

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    func key(_ names: [String]) -> AnyKey? { names.lazy.map { AnyKey($0) }.first { container.contains($0) } }
    guard let photo = key(TableForm.photoNames) else { throw TextFault("it names no photo (no key image)") }
    guard let caption = key(TableForm.captionNames) else { throw TextFault("it has no caption (no key caption)") }
    name = trimmed(try container.decode(String.self, forKey: photo))
    guard !name.isEmpty else { throw TextFault("the photo's name is empty") }
    if let text = try? container.decode(String.self, forKey: caption) {
      captions = [text]
    } else {
      captions = try container.decode([String].self, forKey: caption)
    }
    split = try container.decodeIfPresent(String.self, forKey: AnyKey("split"))
  }
}

extension CaptionFile {
  /// JSON lines: `{"image": …, "caption": …}` or `{"image": …, "captions": […]}`, one a line.
  static func jsonLines(_ bytes: [UInt8], path: String) throws -> CaptionFile {
    var file = CaptionFile(path: path, layout: .records)
    let decoder = JSONDecoder()
    for line in TextLines(bytes) where line.bytes.contains(where: { $0 > 0x20 }) {
      let place = RowPlace.line(line.number)
      switch text(of: line.bytes) {
      case .failure(let fault): file.reject(.badText, at: place, fault.reason)
      case .success:
        do {
          file.take(try decoder.decode(CaptionRecord.self, from: Data(line.bytes)), at: place)
        } catch {
          file.reject(.damagedRow, at: place, jsonReason(error))
        }
      }
    }
    return try file.withCaptions()
  }

  /// The same objects as one JSON list.
  static func jsonList(_ bytes: [UInt8], path: String) throws -> CaptionFile {
    var file = CaptionFile(path: path, layout: .records)
    let items: [LenientItem<CaptionRecord>]
    do {
      items = try JSONDecoder().decode([LenientItem<CaptionRecord>].self, from: Data(bytes))
    } catch {
      throw PreparationError.unreadableJSON(path: path, reason: jsonReason(error))
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

  private mutating func take(_ record: CaptionRecord, at place: RowPlace) {
    mention(record.name, split: record.split)
    for caption in record.captions { add(caption, to: record.name, at: place) }
  }

  /// Itself, unless no object at all is a photo with captions: other JSON has that form too.
  private func withCaptions() throws -> CaptionFile {
    guard names.isEmpty else { return self }
    let first = problems.first?.detail ?? "it is empty"
    throw PreparationError.unreadableJSON(path: path, reason: "no object in it is a photo with captions: \(first)")
  }
}
