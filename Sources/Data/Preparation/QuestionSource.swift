internal import Archives
internal import FoundationEssentials

/// A file with questions, or with the answers to those of another.
enum QuestionSource {
  /// A file that has both.
  case whole(CaptionFile)
  case questions(VQAQuestions)
  case annotations(VQAAnnotations)

  var path: String {
    switch self {
    case .whole(let file): file.path
    case .questions(let file): file.path
    case .annotations(let file): file.path
    }
  }

  /// Whether the same objects or rows may have captions too.
  var mayHaveCaptions: Bool {
    guard case .whole(let file) = self else { return false }
    return file.layout == .questionRecords || file.layout == .questionTable
  }

  /// Reads a file of any known form; nil for what holds no questions.
  ///
  /// - Parameter choice: what stands between a table's fields, where that is known.
  static func read(
    _ raw: [UInt8], path: String, choice: CaptionTableChoice, isPhoto: @escaping (String) -> Bool
  ) throws -> QuestionSource? {
    let isJSON = extensionOf(path).contains("json")
    guard mentionsQuestions(raw, asKey: isJSON) || isJSON && isListOfLists(raw) else { return nil }
    guard let source = try form(raw, path, choice, isPhoto) else { return nil }
    guard case .whole(var file) = source else { return source }
    file.folder = parentFolder(of: path)
    return .whole(file)
  }

  private static func form(
    _ raw: [UInt8], _ path: String, _ choice: CaptionTableChoice, _ isPhoto: @escaping (String) -> Bool
  ) throws -> QuestionSource? {
    let text = try PlainText(raw, path: path)
    let bytes = text.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(text.bytes.dropFirst(3)) : text.bytes
    if extensionOf(path).contains("json") || firstLine(of: bytes).hasPrefix("{") { return try json(bytes, path) }
    let delimiter = choice.delimiter ?? text.delimiter
    return CaptionFile.questionTable(bytes, path: path, delimiter: delimiter, isPhoto: isPhoto).map { .whole($0) }
  }

  private static func json(_ bytes: [UInt8], _ path: String) throws -> QuestionSource? {
    if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") {
      return CaptionFile.questionList(bytes, path: path).map { .whole($0) }
    }
    if CaptionFile.isJSONLines(bytes, path: path) {
      return CaptionFile.questionLines(bytes, path: path).map { .whole($0) }
    }
    do throws(JSONFault) {
      switch try decodeJSON(QuestionDocument.self, bytes) {
      case .questions(let items, let subset):
        return .questions(VQAQuestions(path: path, subset: subset, items: items))
      case .annotations(let items): return .annotations(VQAAnnotations(path: path, items: items))
      case .gqa(let items): return .whole(.gqa(items, path: path))
      case .other: return nil
      }
    } catch {
      guard case .several = error else { throw PreparationError.unreadableJSON(path: path, reason: error.reason) }
      return CaptionFile.questionLines(bytes, path: path).map { .whole($0) }
    }
  }
}

/// Whether a text begins as easy-vqa's lists do.
private func isListOfLists(_ bytes: [UInt8]) -> Bool {
  bytes.lazy.filter { $0 > 0x20 }.prefix(2).elementsEqual("[[".utf8)
}

/// Whether a text can be about questions at all, so that others need not be taken apart to see it.
///
/// - Parameter asKey: whether a quote stands before the word, as in JSON.
private func mentionsQuestions(_ bytes: [UInt8], asKey: Bool) -> Bool {
  let word = Array((asKey ? "\"question" : "question").utf8)
  let toLowerCase: UInt8 = 0x20
  return bytes.withUnsafeBufferPointer { bytes in
    bytes.indices.contains { i in
      bytes[i] | toLowerCase == word[0] && word.count <= bytes.count - i
        && word.indices.allSatisfy { bytes[i + $0] | toLowerCase == word[$0] }
    }
  }
}

/// A JSON object with questions or with answers.
private enum QuestionDocument: Decodable {
  case questions([LenientItem<VQAQuestion>], subset: String?)
  case annotations([LenientItem<VQAAnnotation>])
  case gqa([String: LenientItem<GQAQuestion>])
  case other

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    func has(_ name: String) -> Bool { container.contains(AnyKey(name)) }
    if has("questions"), !has("images") {
      self = .questions(
        try container.decode([LenientItem<VQAQuestion>].self, forKey: AnyKey("questions")),
        subset: try? container.decode(String.self, forKey: AnyKey("data_subtype")))
    } else if has("annotations"), !has("images") {
      let items = try container.decode([LenientItem<VQAAnnotation>].self, forKey: AnyKey("annotations"))
      self = items.isEmpty || items.contains(where: \.isSound) ? .annotations(items) : .other
    } else if let items = try? container.allKeys.map({ key in
      (key.stringValue, try container.decode(LenientItem<GQAQuestion>.self, forKey: key))
    }), items.contains(where: \.1.isSound) {
      self = .gqa(Dictionary(items, uniquingKeysWith: { first, _ in first }))
    } else {
      self = .other
    }
  }
}
