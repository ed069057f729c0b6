internal import Batching
internal import FoundationEssentials

extension CaptionFile {
  /// Karpathy's JSON: `images[].{filename, filepath?, split?, sentences[].{raw, tokens}}`. What else an image has
  /// (questions, boxes, …) is kept as its details, except Karpathy's own numbers.
  ///
  /// - Throws: `PreparationError.unreadableJSON` for what is not JSON or has no list of images.
  static func karpathy(_ bytes: [UInt8], path: String) throws -> CaptionFile {
    let document: KarpathyDocument
    do {
      document = try JSONDecoder().decode(KarpathyDocument.self, from: Data(bytes))
    } catch {
      throw PreparationError.unreadableJSON(path: path, reason: jsonReason(error))
    }
    var file = CaptionFile(path: path, layout: .karpathy)
    for (position, image) in document.images.enumerated() {
      switch image {
      case .failure(let fault): file.reject(.damagedRow, line: nil, "images[\(position)]: \(fault.reason)")
      case .success(let image) where file[image.name] != nil:
        file.reject(.damagedRow, line: nil, "images[\(position)]: the photo comes a second time", subject: image.name)
      case .success(let image):
        file.mention(image.name, split: image.split, details: image.details)
        for sentence in image.sentences { file.add(sentence, to: image.name, line: nil) }
      }
    }
    return file
  }
}

/// The file, with every image decoded by itself: one damaged image costs one image.
private struct KarpathyDocument: Decodable {
  let images: [Result<KarpathyImage, TextFault>]

  private enum CodingKeys: String, CodingKey { case images }

  init(from decoder: any Decoder) throws {
    var list = try decoder.container(keyedBy: CodingKeys.self).nestedUnkeyedContainer(forKey: .images)
    var images: [Result<KarpathyImage, TextFault>] = []
    while !list.isAtEnd {
      let item = try list.superDecoder()
      do {
        images.append(.success(try KarpathyImage(from: item)))
      } catch {
        images.append(.failure(TextFault(jsonReason(error))))
      }
    }
    self.images = images
  }
}

private struct KarpathyImage {
  let name: String
  let split: String?
  let sentences: [String]
  let details: JSONValue?

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private struct Sentence: Decodable {
    let raw: String?
    let tokens: [String]?
  }

  /// What is read here, and Karpathy's numbers, which mean nothing outside his file.
  private static let ownKeys = ["filename", "filepath", "split", "sentences", "sentids", "imgid"]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    name = try container.decode(String.self, forKey: Key("filename"))
    guard !name.isEmpty else { throw TextFault("its file name is empty") }
    split = try container.decodeIfPresent(String.self, forKey: Key("split"))
    sentences = try (container.decodeIfPresent([Sentence].self, forKey: Key("sentences")) ?? []).map {
      $0.raw ?? $0.tokens?.joined(separator: " ") ?? ""
    }
    var rest: [String: JSONValue] = [:]
    for key in container.allKeys where !Self.ownKeys.contains(key.stringValue) {
      rest[key.stringValue] = try container.decode(JSONValue.self, forKey: key)
    }
    details = rest.isEmpty ? nil : .object(rest)
  }
}

/// A decoding error in one short sentence.
func jsonReason(_ error: any Error) -> String {
  func place(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
    (context.codingPath + (last.map { [$0] } ?? [])).map { $0.intValue.map(String.init) ?? $0.stringValue }
      .joined(separator: ".")
  }
  switch error {
  case let fault as TextFault: return fault.reason
  case DecodingError.keyNotFound(let key, let context): return "key \(place(context, key)) is missing"
  case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
    return "key \(place(context)) has the wrong type"
  default: return "it is not valid JSON"
  }
}
