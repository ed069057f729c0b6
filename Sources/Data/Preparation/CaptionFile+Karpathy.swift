internal import Batching

extension CaptionFile {
  /// Karpathy's JSON: `images[].{filename, filepath?, split?, sentences[].{raw, tokens}}`. Questions with
  /// answers and boxes with phrases are columns; what else an image has is kept as its details, except Karpathy's own
  /// numbers.
  static func karpathy(_ images: [LenientItem<KarpathyImage>], path: String) -> CaptionFile {
    var file = CaptionFile(path: path, layout: .karpathy)
    let counts = Dictionary(images.compactMap { try? ($0.result.get().name, 1) }, uniquingKeysWith: +)
    for (index, image) in images.enumerated() {
      let place = RowPlace.item(list: "images", index: index)
      switch image.result {
      case .failure(let fault): file.reject(.damagedRow, at: place, fault.reason)
      case .success(let image):
        // The folder counts where the name alone is that of several.
        let isShared = counts[image.name, default: 0] > 1 && !image.folder.isEmpty
        let name = isShared ? image.folder + "/" + image.name : image.name
        guard file[name] == nil else {
          file.reject(.damagedRow, at: place, "the photo comes a second time", subject: name)
          continue
        }
        file.mention(name, split: image.split, columns: image.columns, details: image.details)
        for sentence in image.sentences { file.add(sentence, to: name, at: place) }
      }
    }
    return file
  }
}

struct KarpathyImage: Decodable {
  let name: String
  /// Where the photo lies; COCO's has one, Flickr's have none.
  let folder: String
  let split: String?
  let sentences: [String]
  /// Nil where it has none.
  let columns: SampleColumns?
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
    folder = (try? container.decodeIfPresent(String.self, forKey: AnyKey("filepath"))) ?? ""
    split = try container.decodeIfPresent(String.self, forKey: AnyKey("split"))
    sentences = try (container.decodeIfPresent([Sentence].self, forKey: AnyKey("sentences")) ?? []).map {
      $0.raw ?? $0.tokens?.joined(separator: " ") ?? ""
    }
    let (columns, keys) = Self.columns(container)
    self.columns = columns.isEmpty ? nil : columns
    let rest = try restOf(container, except: Self.ownKeys + keys)
    details = rest.isEmpty ? nil : .object(rest)
  }

  /// The columns that the object has in the form of a prepared set's records or of question records, and their keys. Of
  /// another form they are details.
  private static func columns(_ container: KeyedDecodingContainer<AnyKey>) -> (SampleColumns, keys: [String]) {
    var columns = SampleColumns()
    var keys: [String] = []
    if let questions = try? container.decode([EmbeddedQuestion].self, forKey: AnyKey("questions")) {
      columns.questions = questions.map(\.question)
      keys.append("questions")
    }
    if let boxes = try? container.decode([PhraseBox].self, forKey: AnyKey("boxes")), boxes.allSatisfy(\.isSound) {
      columns.boxes = boxes
      keys.append("boxes")
    }
    return (columns, keys)
  }
}
