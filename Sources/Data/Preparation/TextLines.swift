/// The lines of a text file, as bytes: a byte order mark at the start and a carriage return at the end of a line are no
/// part of it. Lines are numbered from 1.
struct TextLines: Sequence, IteratorProtocol {
  private let bytes: [UInt8]
  private var offset: Int
  private var number = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    offset = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  mutating func next() -> (number: Int, bytes: ArraySlice<UInt8>)? {
    guard offset < bytes.count else { return nil }
    let end = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count
    var line = bytes[offset..<end]
    if line.last == 0x0D { line.removeLast() }
    offset = end + 1
    number += 1
    return (number, line)
  }
}

/// The first line of a text that is not empty, as it may be shown.
func firstLine(of bytes: [UInt8]) -> String {
  TextLines(bytes).first { !$0.bytes.isEmpty }.map { String(decoding: $0.bytes.prefix(200), as: UTF8.self) } ?? ""
}

/// The longest line of a caption file, in bytes: more is no caption.
let longestLine = 1 << 16

/// Why a line of any length is no text; nil where it is.
func textFault(_ line: ArraySlice<UInt8>) -> TextFault? {
  if line.contains(0) { return TextFault("it holds a NUL byte") }
  return String(validating: line, as: UTF8.self) == nil ? TextFault("it is not UTF-8") : nil
}

/// A line as text, or why it is none.
func text(of line: ArraySlice<UInt8>) -> Result<String, TextFault> {
  if line.count > longestLine { return .failure(TextFault("a line of \(line.count) bytes")) }
  if line.contains(0) { return .failure(TextFault("it holds a NUL byte")) }
  guard let text = String(validating: line, as: UTF8.self) else { return .failure(TextFault("it is not UTF-8")) }
  return .success(text)
}

/// Why bytes are no text, in words.
package struct TextFault: Error {
  package let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// `text` without white space at its ends.
func trimmed(_ text: some StringProtocol) -> String {
  // The common case, without a look into Unicode's tables.
  let plain: ClosedRange<UnicodeScalar> = "!"..."~"
  if let first = text.unicodeScalars.first, let last = text.unicodeScalars.last, plain ~= first, plain ~= last {
    return String(text)
  }
  let scalars = text.unicodeScalars
  guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
    let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
  else { return "" }
  return String(text[first...last])
}
