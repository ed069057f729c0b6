internal import Batching

/// Files with boxes and the words for what is in them.
extension CaptionFile {
  /// Reads COCO's instances (`images[].{id, file_name}`, `annotations[].{image_id, bbox, category_id}`, `categories[].{id,
  /// name}`), whose phrases are the names of categories, or records `{"image", "phrase", "bbox"}` as a list or one a line.
  ///
  /// - Throws: `PreparationError.unreadableJSON` for what is neither.
  static func boxes(_ raw: [UInt8], path: String) throws -> CaptionFile {
    let text = try PlainText(raw, path: path)
    let bytes = text.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(text.bytes.dropFirst(3)) : text.bytes
    do throws(JSONFault) {
      if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") {
        return try .boxes(decodeJSON([LenientItem<BoxRecord>].self, bytes), path)
      }
      if isJSONLines(bytes, path: path) { return boxLines(bytes, path) }
      return .instances(try decodeJSON(Instances.self, bytes), path)
    } catch {
      throw PreparationError.unreadableJSON(path: path, reason: "it holds no boxes that are known: \(error.reason)")
    }
  }

  private static func instances(_ document: Instances, _ path: String) -> CaptionFile {
    var file = CaptionFile(path: path, layout: .instances)
    var images: [JSONIdentifier: Instances.Image] = [:]
    for (index, image) in document.images.enumerated() {
      switch image.result {
      case .failure(let fault): file.reject(.columnRow, at: .item(list: "images", index: index), fault.reason)
      case .success(let image): images[image.id] = images[image.id] ?? image
      }
    }
    let categories = Dictionary(
      document.categories.compactMap { try? $0.result.get() }.map { ($0.id, $0.name) }, uniquingKeysWith: { a, _ in a })
    for (index, annotation) in document.annotations.enumerated() {
      let place = RowPlace.item(list: "annotations", index: index)
      do throws(TextFault) {
        let annotation = try annotation.result.get()
        guard let image = images[annotation.image] else {
          throw TextFault("its image \(annotation.image.text) is not in the list of images")
        }
        guard let category = categories[annotation.category] else {
          throw TextFault("its category \(annotation.category.text) is not in the list of categories")
        }
        file.describe(image.name, .box(try PhraseBox(columnText(category, "category"), annotation.box)), at: place)
        if let frame = image.frame { file.frame(image.name, frame) }
      } catch {
        file.reject(.columnRow, at: place, error.reason)
      }
    }
    return file
  }

  private static func boxes(_ items: [LenientItem<BoxRecord>], _ path: String) -> CaptionFile {
    var file = CaptionFile(path: path, layout: .phraseRecords)
    for (index, item) in items.enumerated() { file.take(item.result, at: .item(list: "", index: index)) }
    return file
  }

  private static func boxLines(_ bytes: [UInt8], _ path: String) -> CaptionFile {
    var file = CaptionFile(path: path, layout: .phraseRecords)
    for line in TextLines(bytes) where line.bytes.contains(where: { $0 > 0x20 }) {
      do throws(JSONFault) {
        file.take(try decodeJSON(LenientItem<BoxRecord>.self, line.bytes).result, at: .line(line.number))
      } catch {
        file.reject(.columnRow, at: .line(line.number), error.placeInLine)
      }
    }
    return file
  }

  private mutating func take(_ record: Result<BoxRecord, TextFault>, at place: RowPlace) {
    switch record {
    case .failure(let fault): reject(.columnRow, at: place, fault.reason)
    case .success(let record):
      mention(record.name, split: record.split)
      for box in record.boxes { describe(record.name, .box(box), at: place) }
    }
  }
}

extension SampleColumns {
  fileprivate static func box(_ box: PhraseBox) -> SampleColumns {
    var columns = SampleColumns()
    columns.boxes = [box]
    return columns
  }
}

/// COCO's objects.
private struct Instances: Decodable {
  struct Image: Decodable {
    let id: JSONIdentifier
    let name: String
    private let width: Int?
    private let height: Int?

    var frame: FrameSize? {
      guard let width, let height else { return nil }
      return FrameSize(width: width, height: height)
    }

    private enum CodingKeys: String, CodingKey {
      case id, width, height
      case name = "file_name"
    }
  }
  struct Category: Decodable {
    let id: JSONIdentifier
    let name: String
  }
  struct Annotation: Decodable {
    let image: JSONIdentifier
    let category: JSONIdentifier
    let box: [Double]

    enum CodingKeys: String, CodingKey {
      case image = "image_id"
      case category = "category_id"
      case box = "bbox"
    }
  }

  let images: [LenientItem<Image>]
  let annotations: [LenientItem<Annotation>]
  let categories: [LenientItem<Category>]
}

/// One photo with a box and the phrases for it, as RefCOCO's are handed on in JSON.
private struct BoxRecord: Decodable {
  let name: String
  let split: String?
  let boxes: [PhraseBox]

  private struct Sentence: Decodable {
    let text: String

    private enum CodingKeys: String, CodingKey { case raw, sent }

    init(from decoder: any Decoder) throws {
      if let text = try? decoder.singleValueContainer().decode(String.self) {
        self.text = text
        return
      }
      let container = try decoder.container(keyedBy: CodingKeys.self)
      text = try container.decodeIfPresent(String.self, forKey: .raw) ?? container.decode(String.self, forKey: .sent)
    }
  }

  private static let phraseKeys = [
    "phrase", "phrases", "sentence", "sentences", "expression", "expressions", "caption", "text",
  ]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    func key(_ names: [String]) -> AnyKey? { names.lazy.map { AnyKey($0) }.first(where: container.contains) }
    guard let photo = key(ColumnNames.photo) else { throw TextFault("it names no photo (no key image)") }
    guard let words = key(Self.phraseKeys) else { throw TextFault("it has no phrase (no key phrase)") }
    guard let box = key(["bbox", "box"]) else { throw TextFault("it has no box (no key bbox)") }
    name = try container.decode(JSONIdentifier.self, forKey: photo).text
    split = try container.decodeIfPresent(SplitWord.self, forKey: AnyKey("split"))?.word
    let phrases =
      try (try? container.decode(String.self, forKey: words)).map { [$0] }
      ?? container.decode([Sentence].self, forKey: words).map(\.text)
    let numbers = try container.decode([Double].self, forKey: box)
    guard !name.isEmpty, !phrases.isEmpty else { throw TextFault("it names no photo, or has no phrase") }
    boxes = try phrases.map { try PhraseBox(columnText($0, "phrase"), numbers) }
  }
}
