internal import Files

/// What a line without words is.
public enum BlankLines: Sendable {
  case passedOver
  /// A text like any other, so that rows and lines go together.
  case texts
}

/// The texts of a file, one a line.
/// - Throws: `InferenceError.notText` with the line, `.noTexts`, `FileError`.
public func readTexts(_ path: String, blankLines: BlankLines = .passedOver) throws -> [String] {
  try texts(readFile(path, limit: 1 << 30), path: path, blankLines: blankLines)
}

/// The same for what was read already.
/// - Parameter path: for errors.
public func texts(_ bytes: [UInt8], path: String, blankLines: BlankLines = .passedOver) throws -> [String] {
  var texts: [String] = []
  var content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
  // A newline ends a line; behind the last one there is no further line.
  if content.last == UInt8(ascii: "\n") { content.removeLast() }
  for (number, line) in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
    let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    guard line.count <= longestLine, !line.contains(0), let text = String(validating: line, as: UTF8.self) else {
      throw InferenceError.notText(path: path, line: number + 1)
    }
    if blankLines == .texts || !text.allSatisfy(\.isWhitespace) { texts.append(text) }
  }
  guard !bytes.isEmpty, !texts.isEmpty else { throw InferenceError.noTexts(path: path) }
  return texts
}

/// In bytes: more is no text for a model.
private let longestLine = 1 << 16
