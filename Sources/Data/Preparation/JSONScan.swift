/// One pass over JSON as Python reads it, which is more than Foundation does: several values may follow one another, and
/// `NaN` and `Infinity` may stand where numbers do. Tells where each value lies, and where a text stops being JSON.
package struct JSONScan {
  /// A place in the text, counted from 1.
  package struct Place: Equatable {
    package let line: Int
    package let column: Int
    let what: String
  }

  /// The values one after the other, as offsets.
  package private(set) var values: [Range<Int>] = []
  /// `NaN`, `Infinity` and `-Infinity` that stand for numbers.
  private(set) var constants: [Range<Int>] = []
  /// Where the text is no JSON; values before it are whole.
  package private(set) var fault: Place?
  private let bytes: [UInt8]
  private var offset = 0

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    do throws(Wrong) {
      while skipSpace() != nil {
        let start = offset
        try value()
        values.append(start..<offset)
      }
    } catch {
      fault = place(error.what)
    }
  }

  /// The text with `null` in place of the constants: what Foundation reads.
  package var plain: [UInt8] {
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    var end = 0
    for constant in constants {
      plain += bytes[end..<constant.lowerBound] + Array("null".utf8)
      end = constant.upperBound
    }
    return plain + bytes[end...]
  }

  /// What is wrong with a text that ends before its brackets do.
  static let endsInside = "it ends in the middle"

  private struct Wrong: Error { let what: String }

  /// Brackets are kept on a stack of their own: what comes from outside may be nested as deeply as it likes.
  private mutating func value() throws(Wrong) {
    var open: [UInt8] = []
    repeat {
      guard let byte = skipSpace() else { throw Wrong(what: Self.endsInside) }
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        offset += 1
        open.append(byte + 2)
        if skipSpace() == byte + 2 { break } else if byte == UInt8(ascii: "{") { try key() }
        continue
      case UInt8(ascii: "\""): try string()
      default: try word()
      }
      try close(&open)
    } while !open.isEmpty
  }

  /// Takes what may follow a value: brackets that close, then a comma and, in an object, the next key.
  private mutating func close(_ open: inout [UInt8]) throws(Wrong) {
    while let bracket = open.last {
      guard let byte = skipSpace() else { throw Wrong(what: Self.endsInside) }
      offset += 1
      if byte == bracket {
        open.removeLast()
      } else if byte == UInt8(ascii: ",") {
        if bracket == UInt8(ascii: "}") { try key() }
        return
      } else {
        offset -= 1
        throw Wrong(what: "a comma or “\(Character(UnicodeScalar(bracket)))” is missing")
      }
    }
  }

  private mutating func key() throws(Wrong) {
    try expect(UInt8(ascii: "\""), "a key in double quotes")
    try string()
    try expect(UInt8(ascii: ":"), "a colon")
    offset += 1
  }

  private mutating func expect(_ byte: UInt8, _ name: String) throws(Wrong) {
    guard let next = skipSpace() else { throw Wrong(what: Self.endsInside) }
    guard next == byte else { throw Wrong(what: "\(name) is missing") }
  }

  private mutating func string() throws(Wrong) {
    let start = offset
    offset += 1
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == UInt8(ascii: "\"") {
        offset += 1
        return
      }
      if byte < 0x20 { throw Wrong(what: "a line break or control character in a text") }
      offset += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    offset = start
    throw Wrong(what: "a text that is not closed")
  }

  private mutating func word() throws(Wrong) {
    let end = bytes[offset...].firstIndex { " \t\r\n,:]}[{\"".utf8.contains($0) } ?? bytes.count
    let word = String(decoding: bytes[offset..<end], as: UTF8.self)
    if ["NaN", "Infinity", "-Infinity"].contains(word) {
      constants.append(offset..<end)
    } else if !["true", "false", "null"].contains(word), !isJSONNumber(word) {
      throw Wrong(what: word.isEmpty ? "a value is missing" : "“\(word.prefix(40))” is no value")
    }
    offset = end
  }

  private mutating func skipSpace() -> UInt8? {
    while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
    return offset < bytes.count ? bytes[offset] : nil
  }

  private func place(_ what: String) -> Place {
    let before = bytes[..<min(offset, bytes.count)]
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let column = String(decoding: before[lineStart...], as: UTF8.self).unicodeScalars.count + 1
    return Place(line: before.count { $0 == 0x0A } + 1, column: column, what: what)
  }
}

/// RFC 8259, section 6.
private func isJSONNumber(_ word: String) -> Bool {
  var rest = word.utf8[...]
  func digits() -> Int {
    let count = rest.prefix { (0x30...0x39).contains($0) }.count
    rest = rest.dropFirst(count)
    return count
  }
  if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
  let hasLeadingZero = rest.first == UInt8(ascii: "0")
  let whole = digits()
  guard whole > 0, !hasLeadingZero || whole == 1 else { return false }
  if rest.first == UInt8(ascii: ".") {
    rest = rest.dropFirst()
    guard digits() > 0 else { return false }
  }
  if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
    rest = rest.dropFirst()
    if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    guard digits() > 0 else { return false }
  }
  return rest.isEmpty
}
