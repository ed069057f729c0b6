internal import Archives
internal import FoundationEssentials

extension CaptionFile {
  /// A caption file in one of the JSON layouts, which is told by its first characters and its keys.
  ///
  /// - Throws: `PreparationError.unreadableJSON` for what is not JSON, or is something else in JSON.
  static func json(_ bytes: [UInt8], path: String) throws -> CaptionFile {
    if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") { return try .jsonList(bytes, path: path) }
    if isJSONLines(bytes, path: path) { return try .jsonLines(bytes, path: path) }
    let document: ImageDocument
    do {
      document = try JSONDecoder().decode(ImageDocument.self, from: Data(bytes))
    } catch {
      throw PreparationError.unreadableJSON(path: path, reason: jsonReason(error))
    }
    return switch document {
    case .karpathy(let images): .karpathy(images, path: path)
    case .coco(let images, let annotations): try .coco(images: images, annotations: annotations, path: path)
    }
  }

  /// By the name, or where a second object follows the first line.
  private static func isJSONLines(_ bytes: [UInt8], path: String) -> Bool {
    if ["jsonl", "ndjson"].contains(extensionOf(path)) { return true }
    let lines = TextLines(bytes).lazy.map(\.bytes).filter { $0.contains { $0 > 0x20 } }.prefix(2)
    let ends = lines.map { line in (first: line.first { $0 > 0x20 }, last: line.last { $0 > 0x20 }) }
    let (open, close) = (UInt8(ascii: "{"), UInt8(ascii: "}"))
    return ends.count == 2 && ends.allSatisfy { $0.first == open && $0.last == close }
  }
}

/// Any key of a JSON object.
struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(_ text: String) { stringValue = text }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// A decoding error in one short sentence.
///
/// - Parameter depth: how many keys lead to what was being decoded; they are left off.
func jsonReason(_ error: any Error, below depth: Int = 0) -> String {
  func place(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
    (context.codingPath.dropFirst(depth) + (last.map { [$0] } ?? [])).map {
      $0.intValue.map(String.init) ?? $0.stringValue
    }.joined(separator: ".")
  }
  func about(_ context: DecodingError.Context, _ what: String) -> String {
    let key = place(context)
    return key.isEmpty ? "it \(what)" : "key \(key) \(what)"
  }
  switch error {
  case let fault as TextFault: return fault.reason
  case DecodingError.keyNotFound(let key, let context): return "key \(place(context, key)) is missing"
  case DecodingError.typeMismatch(_, let context): return about(context, "has the wrong type")
  case DecodingError.valueNotFound(_, let context): return about(context, "is null")
  default: return "it is not valid JSON\(position(error))"
  }
}

/// Where the JSON breaks off or becomes something else, as far as the parser says it.
private func position(_ error: any Error) -> String {
  guard case DecodingError.dataCorrupted(let context) = error, let underlying = context.underlyingError else {
    return ""
  }
  let words = "\(underlying)"
  return words.contains("nexpected end of file") ? ": it ends in the middle" : ""
}
