/// Why a header is not what it has to be, and where (bytes from the start of the header).
struct HeaderProblem: Error {
  var offset: Int
  var problem: String
}

/// Reads the few shapes of JSON that a safetensors header is made of, straight from the bytes, in one pass.
///
/// Foundation's JSON decoder cannot serve here: it keeps one of two equal keys without a word, takes 1e3 and 1.0 for
/// integers, compares keys by canonical equivalence, and builds the whole tree before anyone can count its parts.
/// Nothing here recurses, so no nesting can exhaust the stack, and every count has a limit before it costs memory.
struct HeaderScanner {
  private let bytes: UnsafeRawBufferPointer
  /// Bytes read so far.
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Reads an object; `member` is called with each key and has to read the value.
  mutating func object(
    _ what: String, keyLimit: Int, _ member: (inout HeaderScanner, _ key: String) throws(HeaderProblem) -> Void
  ) throws(HeaderProblem) {
    try expect("{", "the start of \(what)")
    if skip("}") { return }
    repeat {
      let key = try string("a key of \(what)", limit: keyLimit)
      try expect(":", "a colon after a key of \(what)")
      try member(&self, key)
    } while skip(",")
    try expect("}", "a comma or the end of \(what)")
  }

  /// Reads an array of at most `limit` exact unsigned integers.
  mutating func integers(_ what: String, limit: Int) throws(HeaderProblem) -> [Int] {
    try expect("[", "the start of \(what)")
    if skip("]") { return [] }
    var values: [Int] = []
    repeat {
      guard values.count < limit else { throw problem("\(what) has more than \(limit) numbers") }
      values.append(try integer(what))
    } while skip(",")
    try expect("]", "a comma or the end of \(what)")
    return values
  }

  /// Reads a string of at most `limit` bytes in UTF-8.
  mutating func string(_ what: String, limit: Int) throws(HeaderProblem) -> String {
    try expect("\"", "\(what), a string")
    let start = position
    var text: [UInt8] = []
    while true {
      guard position < bytes.count else { throw HeaderProblem(offset: start, problem: "\(what) does not end") }
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let valid = String(validating: text, as: UTF8.self) else {
          throw HeaderProblem(offset: start, problem: "\(what) is not valid UTF-8")
        }
        return valid
      case UInt8(ascii: "\\"): text += try escape()
      case 0..<0x20: throw problem("a control character within \(what)")
      default:
        text.append(byte)
        position += 1
      }
      guard text.count <= limit else {
        throw HeaderProblem(offset: start, problem: "\(what) is longer than \(limit) bytes")
      }
    }
  }

  /// Accepts white space up to the end, and nothing else.
  mutating func end() throws(HeaderProblem) {
    skipWhitespace()
    guard position == bytes.count else { throw problem("something follows the header's object") }
  }

  func problem(_ text: String) -> HeaderProblem { HeaderProblem(offset: position, problem: text) }

  /// Digits only: no sign, fraction, exponent or leading zero, and nothing that a double could not hold (2⁵³).
  private mutating func integer(_ what: String) throws(HeaderProblem) -> Int {
    skipWhitespace()
    let start = position
    var value = 0
    while position < bytes.count, case let digit = Int(bytes[position]) - 48, (0...9).contains(digit) {
      value = 10 * value + digit
      guard value <= 1 << 53 else { throw problem("a number of \(what) is larger than 2^53") }
      position += 1
    }
    guard position > start else { throw problem("\(what) has to hold unsigned integers, not \(next)") }
    guard position == start + 1 || bytes[start] != 48 else { throw problem("a number of \(what) starts with 0") }
    if position < bytes.count, ".eE".utf8.contains(bytes[position]) {
      throw problem("a number of \(what) is not an exact integer")
    }
    return value
  }

  private mutating func escape() throws(HeaderProblem) -> [UInt8] {
    guard position + 1 < bytes.count else { throw problem("an escape does not end") }
    position += 2
    switch bytes[position - 1] {
    case UInt8(ascii: "\""): return [0x22]
    case UInt8(ascii: "\\"): return [0x5C]
    case UInt8(ascii: "/"): return [0x2F]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return try unicodeEscape()
    default:
      position -= 2
      throw problem("an unknown escape")
    }
  }

  /// `\uXXXX`, or two of them where the first is a high surrogate.
  private mutating func unicodeEscape() throws(HeaderProblem) -> [UInt8] {
    var value = try fourHexDigits()
    if (0xD800..<0xDC00).contains(value), position + 1 < bytes.count,
      bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
    {
      position += 2
      let low = try fourHexDigits()
      guard (0xDC00..<0xE000).contains(low) else { throw problem("half of a surrogate pair") }
      value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = UnicodeScalar(value) else { throw problem("half of a surrogate pair") }
    return Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  private mutating func fourHexDigits() throws(HeaderProblem) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count, bytes[position] < 0x80,
        let digit = Character(UnicodeScalar(bytes[position])).hexDigitValue
      else { throw problem("an escape without four hexadecimal digits") }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func expect(_ character: UnicodeScalar, _ what: String) throws(HeaderProblem) {
    guard skip(character) else { throw problem("expected \(what), found \(next)") }
  }

  private mutating func skip(_ character: UnicodeScalar) -> Bool {
    skipWhitespace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipWhitespace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  /// The next byte, for a message.
  private var next: String {
    guard position < bytes.count else { return "the end" }
    let byte = bytes[position]
    return (0x21...0x7E).contains(byte) ? "'\(Character(UnicodeScalar(byte)))'" : "byte 0x\(String(byte, radix: 16))"
  }
}
