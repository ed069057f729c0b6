internal import Reporting

/// Which values a key accepts.
public enum ConfigurationKind: Sendable {
  case integer(ClosedRange<Int>)
  case number(NumberRange)
  case choice([String])
  case flag
  /// A name or a path, taken as it stands: nothing in it is ever evaluated or expanded.
  case text
  /// Texts in brackets: `[a, b]`.
  case list
}

/// A range of real numbers, either end of which may be excluded.
public struct NumberRange: Sendable {
  public let lower: Double
  public let upper: Double
  public let includesLower: Bool
  public let includesUpper: Bool

  init(_ lower: Double, _ upper: Double, includesLower: Bool = true, includesUpper: Bool = true) {
    self.lower = lower
    self.upper = upper
    self.includesLower = includesLower
    self.includesUpper = includesUpper
  }

  /// False for NaN.
  func contains(_ value: Double) -> Bool {
    (includesLower ? value >= lower : value > lower) && (includesUpper ? value <= upper : value < upper)
  }
}

extension ConfigurationKind: CustomStringConvertible {
  /// What to give, as error messages and docs/configuration.md say it.
  public var description: String {
    switch self {
    case .integer(let range) where range.upperBound == .max: "a whole number from \(range.lowerBound)"
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range):
      "a number \(range.includesLower ? "from" : "above") \(short(range.lower)) "
        + (range.includesUpper ? "to \(short(range.upper))" : "and below \(short(range.upper))")
    case .choice(let names) where names.count == 1: names[0]
    case .choice(let names): names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    case .flag: "true or false"
    case .text: "text"
    case .list: "a list of texts: [a, b]"
    }
  }

  /// The value that `text` stands for, or what is wrong with it.
  /// - Parameter isQuoted: in quotes a number is text, and does not pass for a number.
  func value(of text: String, isQuoted: Bool) throws(ValueProblem) -> ConfigurationValue {
    if isQuoted, !takesText {
      throw ValueProblem("\"\(printable(text, limit: 60))\" is in quotes, so it is text; give \(self), without quotes")
    }
    switch self {
    case .integer(let range):
      guard let value = Int(text), isDecimal(text) else { throw notAccepted(text) }
      guard range.contains(value) else { throw outOfRange(text) }
      return .integer(value)
    case .number(let range):
      guard isDecimal(text), let value = Double(text), value.isFinite else { throw notAccepted(text) }
      guard range.contains(value) else { throw outOfRange(text) }
      return .number(value)
    case .choice(let names):
      guard names.contains(text) else { throw notAmong(names, text) }
      return .text(text)
    case .flag:
      guard text == "true" || text == "false" else { throw notAccepted(text) }
      return .flag(text == "true")
    case .text:
      return .text(try checkedText(text))
    case .list:
      throw ValueProblem("'\(printable(text, limit: 60))' is one value; give \(self)")
    }
  }

  private var takesText: Bool {
    switch self {
    case .choice, .text, .list: true
    case .integer, .number, .flag: false
    }
  }

  private func notAccepted(_ text: String) -> ValueProblem {
    ValueProblem(text.isEmpty ? "has no value; give \(self)" : "'\(printable(text, limit: 60))' is not \(self)")
  }

  private func outOfRange(_ text: String) -> ValueProblem {
    ValueProblem("\(printable(text, limit: 60)) is out of range; give \(self)")
  }

  private func notAmong(_ names: [String], _ text: String) -> ValueProblem {
    let guess = nearest(to: text, among: names).map { "did you mean \($0)? " } ?? ""
    return ValueProblem("'\(printable(text, limit: 60))' is not known; \(guess)Give \(self)")
  }
}

/// Why a value does not suit its key.
struct ValueProblem: Error {
  let message: String
  init(_ message: String) { self.message = message }
}

/// Text that can be a name or a path: not empty, no control characters.
func checkedText(_ text: String) throws(ValueProblem) -> String {
  guard !text.isEmpty else { throw ValueProblem("is empty; give a text, or leave the key out") }
  guard text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
    throw ValueProblem("'\(printable(text, limit: 60))' holds control characters; give plain text")
  }
  return text
}

/// Digits, one point, a sign and an exponent: no hexadecimal, no "nan", no "inf", no spaces.
private func isDecimal(_ text: String) -> Bool {
  text.utf8.allSatisfy {
    switch $0 {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "e"), UInt8(ascii: "E"): true
    default: false
    }
  }
}

private func short(_ value: Double) -> String {
  Int(exactly: value).map(String.init) ?? value.description
}
