internal import Reporting

/// The value of one key, before or after it sits in its typed property.
public enum ConfigurationValue: Sendable, Equatable {
  /// Not given: decided when the run starts.
  case absent
  case integer(Int)
  case number(Double)
  case flag(Bool)
  case text(String)
  case list([String])
}

extension ConfigurationValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByBooleanLiteral
{
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .text(value) }
  public init(booleanLiteral value: Bool) { self = .flag(value) }
}

extension ConfigurationValue {
  /// The value as YAML, in a form that reads back as the same value of the same key.
  /// - Parameter absentWord: the word that stands for an absent value of this key.
  func yaml(absentWord: String?) -> String {
    switch self {
    case .absent: absentWord ?? "null"
    case .integer(let value): String(value)
    case .number(let value): value.description
    case .flag(let value): value ? "true" : "false"
    case .text(let text): text == absentWord ? doubleQuoted(text) : quotedWhereNeeded(text)
    case .list(let items): "[" + items.map(doubleQuoted).joined(separator: ", ") + "]"
    }
  }

  /// The value for `--json` documents; absent values are null.
  var json: OrderedJSON {
    switch self {
    case .absent: .null
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .flag(let value): .flag(value)
    case .text(let text): .text(text)
    case .list(let items): .list(items.map { .text($0) })
    }
  }
}

/// Plain where every YAML reader agrees that it is text, quoted elsewhere.
private func quotedWhereNeeded(_ text: String) -> String {
  let isPlain = text.unicodeScalars.enumerated().allSatisfy { position, scalar in
    switch scalar {
    case "a"..."z", "A"..."Z", "_", "/": true
    case "0"..."9", "-", ".": position > 0
    default: false
    }
  }
  let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
  return isPlain && !text.isEmpty && !words.contains(text.lowercased()) ? text : doubleQuoted(text)
}

/// JSON's strings are YAML's double-quoted ones.
private func doubleQuoted(_ text: String) -> String { OrderedJSON.text(text).line }
