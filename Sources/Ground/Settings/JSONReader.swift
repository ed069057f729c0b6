/// A strict reader of JSON (RFC 8259): no comments, no trailing commas, no lone surrogates, nothing after the value, and at
/// most `depthLimit` levels.
public struct JSONReader {
  /// Which of two members with one key counts.
  public enum Duplicates: Sendable {
    /// Neither: the file is refused.
    case refused
    /// The last one, as in Python.
    case lastCounts
  }

  private let bytes: [UInt8]
  private let duplicates: Duplicates
  private var position = 0
  private let depthLimit = 64

  /// - Parameter allowsMark: whether a byte order mark may stand in front.
  public static func parse(
    _ bytes: [UInt8], duplicates: Duplicates = .refused, allowsMark: Bool = false
  ) throws(JSONProblem) -> JSONValue {
    var reader = JSONReader(bytes: bytes, duplicates: duplicates)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      guard allowsMark else { throw reader.malformed("a byte order mark has no place in JSON") }
      reader.position = 3
    }
    let value = try reader.value(depth: 0)
    guard reader.peek() == nil else { throw reader.malformed("something follows the end of the JSON value") }
    return value
  }

  private init(bytes: [UInt8], duplicates: Duplicates) {
    self.bytes = bytes
    self.duplicates = duplicates
  }

  private mutating func value(depth: Int) throws(JSONProblem) -> JSONValue {
    guard depth < depthLimit else { throw malformed("nested more than \(depthLimit) levels deep") }
    switch peek() {
    case UInt8(ascii: "{"): return .object(try object(depth: depth))
    case UInt8(ascii: "["): return .array(try array(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw malformed("the file ends in the middle")
    default: return .number(try number())
    }
  }

  private mutating func object(depth: Int) throws(JSONProblem) -> [JSONMember] {
    var members: [JSONMember] = []
    var places: [[UInt8]: Int] = [:]
    try list(closing: UInt8(ascii: "}")) { reader throws(JSONProblem) in
      guard reader.peek() == UInt8(ascii: "\"") else { throw reader.malformed("expected a key in quotes") }
      let key = try reader.string()
      let known = places[key]
      guard known == nil || reader.duplicates == .lastCounts else { throw .duplicateKey(key) }
      guard reader.peek() == UInt8(ascii: ":") else { throw reader.malformed("expected a colon after a key") }
      reader.position += 1
      let member = JSONMember(key: key, value: try reader.value(depth: depth + 1))
      if let known {
        members[known] = member
      } else {
        places[key] = members.count
        members.append(member)
      }
    }
    return members
  }

  private mutating func array(depth: Int) throws(JSONProblem) -> [JSONValue] {
    var elements: [JSONValue] = []
    try list(closing: UInt8(ascii: "]")) { reader throws(JSONProblem) in
      elements.append(try reader.value(depth: depth + 1))
    }
    return elements
  }

  /// What stands between an opening bracket and `closing`, separated by commas.
  private mutating func list(closing: UInt8, _ element: (inout JSONReader) throws(JSONProblem) -> Void)
    throws(JSONProblem)
  {
    position += 1
    if peek() == closing {
      position += 1
      return
    }
    while true {
      try element(&self)
      let next = peek()
      guard next == UInt8(ascii: ",") || next == closing else {
        throw malformed("expected a comma or a closing bracket")
      }
      position += 1
      if next == closing { return }
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONProblem) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw malformed("expected a value") }
    position += word.utf8.count
    return value
  }

  private mutating func number() throws(JSONProblem) -> Double {
    let start = position
    while position < bytes.count, isNumeric(bytes[position]) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    let digits = text.drop { $0 == "-" }
    guard let value = Double(text), value.isFinite, digits.first?.isNumber == true,
      !(digits.utf8.starts(with: "0".utf8) && digits.dropFirst().first?.isNumber == true)
    else { throw malformed("expected a value") }
    return value
  }

  private func isNumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
      UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  // MARK: Strings

  private mutating func string() throws(JSONProblem) -> [UInt8] {
    position += 1
    var text: [UInt8] = []
    while true {
      let start = position
      while position < bytes.count, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") {
        guard bytes[position] >= 0x20 else { throw malformed("a control character inside a string") }
        position += 1
      }
      text.append(contentsOf: bytes[start..<position])
      guard position < bytes.count else { throw malformed("the file ends inside a string") }
      position += 1
      if bytes[position - 1] == UInt8(ascii: "\"") { break }
      text.append(contentsOf: try escape())
    }
    guard String(validating: text, as: UTF8.self) != nil else { throw malformed("a string is not UTF-8") }
    return text
  }

  private mutating func escape() throws(JSONProblem) -> [UInt8] {
    guard position < bytes.count else { throw malformed("the file ends inside a string") }
    let letter = bytes[position]
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [letter]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw malformed("an unknown escape in a string")
    }
  }

  private mutating func unicodeEscape() throws(JSONProblem) -> [UInt8] {
    var code = try fourHexDigits()
    if 0xD800..<0xDC00 ~= code, bytes[position...].starts(with: "\\u".utf8) {
      position += 2
      let low = try fourHexDigits()
      guard 0xDC00..<0xE000 ~= low else { throw malformed("half of a surrogate pair in a string") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw malformed("half of a surrogate pair in a string") }
    return Array(String(scalar).utf8)
  }

  private mutating func fourHexDigits() throws(JSONProblem) -> UInt32 {
    guard position + 4 <= bytes.count else { throw malformed("the file ends inside a string") }
    var code: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw malformed("\\u needs four hexadecimal digits")
      }
      code = code << 4 + UInt32(digit)
    }
    position += 4
    return code
  }

  // MARK: Position

  /// The next byte that is not white space.
  private mutating func peek() -> UInt8? {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      case let byte: return byte
      }
    }
    return nil
  }

  private func malformed(_ reason: String) -> JSONProblem {
    let line = 1 + bytes[..<min(position, bytes.count)].count { $0 == 0x0A }
    return .malformed(line: line, reason: reason)
  }
}
