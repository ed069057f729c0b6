internal import Batching

extension CaptionFile {
  /// Karpathy's JSON: `images[].{filename, filepath?, split?, sentences[].{raw, tokens}}`. What else an image has
  /// (questions, boxes, …) is kept as its details, except Karpathy's own numbers.
  static func karpathy(_ images: [LenientItem<KarpathyImage>], path: String) -> CaptionFile {
    var file = CaptionFile(path: path, layout: .karpathy)
    for (index, image) in images.enumerated() {
      let place = RowPlace.item(list: "images", index: index)
      switch image.result {
      case .failure(let fault): file.reject(.damagedRow, at: place, fault.reason)
      case .success(let image) where file[image.name] != nil:
        file.reject(.damagedRow, at: place, "the photo comes a second time", subject: image.name)
      case .success(let image):
        file.mention(image.name, split: image.split, details: image.details)
        for sentence in image.sentences { file.add(sentence, to: image.name, at: place) }
      }
    }
    return file
  }
}

struct KarpathyImage: Decodable {
  let name: String
  let split: String?
  let sentences: [String]
  let details: JSONValue?

  private struct Sentence: Decodable {
    let raw: String?
    let tokens: [String]?
  }

  /// What is read here, and Karpathy's numbers, which mean nothing outside his file.
  private static let ownKeys = ["filename", "filepath", "split", "sentences", "sentids", "imgid"]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    name = try container.decode(JSONIdentifier.self, forKey: AnyKey("filename")).text
    guard !name.isEmpty else { throw TextFault("its file name is empty") }
    split = try container.decodeIfPresent(String.self, forKey: AnyKey("split"))
    sentences = try (container.decodeIfPresent([Sentence].self, forKey: AnyKey("sentences")) ?? []).map {
      $0.raw ?? $0.tokens?.joined(separator: " ") ?? ""
    }
    var rest: [String: JSONValue] = [:]
    for key in container.allKeys where !Self.ownKeys.contains(key.stringValue) {
      rest[key.stringValue] = try container.decode(JSONValue.self, forKey: key)
    }
    details = rest.isEmpty ? nil : .object(rest)
  }
}
