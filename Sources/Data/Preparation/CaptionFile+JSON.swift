internal import Archives
internal import FoundationEssentials

extension CaptionFile {
  /// A caption file in one of the JSON layouts, which is told by its first characters and its keys.
  ///
  /// - Throws: `PreparationError.unreadableJSON` for what is not JSON, or is something else in JSON.
  static func json(_ bytes: [UInt8], path: String) throws -> CaptionFile {
    if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") { return try .jsonList(bytes, path: path) }
    if isJSONLines(bytes, path: path) { return try .jsonLines(bytes, path: path) }
    do {
      return switch try decodeJSON(ImageDocument.self, bytes) {
      case .karpathy(let images): .karpathy(images, path: path)
      case .coco(let images, let annotations): try .coco(images: images, annotations: annotations, path: path)
      case .named(let captions): .named(captions, path: path)
      case .record(let record): .record(record, path: path)
      }
    } catch let fault as JSONFault {
      guard case .several = fault else { throw PreparationError.unreadableJSON(path: path, reason: fault.reason) }
      return try .jsonLines(bytes, path: path)
    }
  }

  /// By the name, or where a second object follows the first line.
  static func isJSONLines(_ bytes: [UInt8], path: String) -> Bool {
    if ["jsonl", "ndjson"].contains(extensionOf(path)) { return true }
    let lines = TextLines(bytes).lazy.map(\.bytes).filter { $0.contains { $0 > 0x20 } }.prefix(2)
    let ends = lines.map { line in (first: line.first { $0 > 0x20 }, last: line.last { $0 > 0x20 }) }
    let (open, close) = (UInt8(ascii: "{"), UInt8(ascii: "}"))
    return ends.count == 2 && ends.allSatisfy { $0.first == open && $0.last == close }
  }
}

/// Why bytes are not the JSON that was wanted.
enum JSONFault: Error {
  /// They are no JSON.
  case syntax(JSONScan.Place)
  /// They are several values, one after the other.
  case several([Range<Int>])
  /// They are JSON of another form, or hold what is no text.
  case form(String)

  var reason: String {
    switch self {
    case .syntax(let place): "it is not valid JSON at line \(place.line), column \(place.column): \(place.what)"
    case .several, .form: placeInLine
    }
  }

  /// Without the line, for what is one.
  var placeInLine: String {
    switch self {
    case .syntax(let place): "it is not valid JSON at column \(place.column): \(place.what)"
    case .form(let reason): reason
    case .several(let values): "it holds \(values.count) values, one after the other"
    }
  }
}

/// Decodes JSON as Python reads it: `NaN` and its like, which Foundation refuses, are null. A second look is taken only at
/// what Foundation does not take.
func decodeJSON<Value: Decodable>(_ type: Value.Type, _ bytes: some Collection<UInt8>) throws(JSONFault) -> Value {
  do {
    return try JSONDecoder().decode(type, from: Data(bytes))
  } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
    let scan = JSONScan(Array(bytes))
    if let fault = scan.fault { throw .syntax(fault) }
    if scan.values.count > 1 { throw .several(scan.values) }
    guard !scan.constants.isEmpty else { throw .form("it holds bytes or escapes that are no characters") }
    do {
      return try JSONDecoder().decode(type, from: Data(scan.plain))
    } catch {
      throw .form(jsonReason(error))
    }
  } catch {
    throw .form(jsonReason(error))
  }
}

/// What numbers a thing or names it in JSON: a text, or a whole number, which counts as its digits.
struct JSONIdentifier: Decodable, Hashable {
  let text: String

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self.text = trimmed(text)
    } else if let number = try? container.decode(Int.self) {
      text = String(number)
    } else {
      text = try String(container.decode(UInt64.self))
    }
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
  default: return "it is not valid JSON"
  }
}
