internal import FoundationEssentials
internal import Reporting

/// A decoding error in one short sentence: which key, and what is wrong with it.
func describe(_ error: any Error) -> String {
  guard let error = error as? DecodingError else { return printableName("\(error)") }
  func key(_ path: [any CodingKey]) -> String { printableName(path.map(\.stringValue).joined(separator: ".")) }
  switch error {
  case .keyNotFound(let missing, let context):
    return "key \(key(context.codingPath + [missing])) is missing"
  case .typeMismatch(_, let context), .valueNotFound(_, let context):
    return "key \(key(context.codingPath)) has the wrong type"
  case .dataCorrupted(let context):
    return context.codingPath.isEmpty ? "not valid JSON" : "key \(key(context.codingPath)) is not valid"
  @unknown default:
    return "not valid"
  }
}

/// A name from outside inside a message.
func printableName(_ name: String) -> String { printable(name, limit: 120) }

/// Any JSON value: what a record carries beyond its columns.
public enum JSONValue: Codable, Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}
