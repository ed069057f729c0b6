internal import Files

/// The texts of a file, one a line; empty lines are passed over.
/// - Throws: `InferenceError.notText` with the line, `.noTexts`, `FileError`.
public func readTexts(_ path: String) throws -> [String] {
  try texts(readFile(path, limit: 1 << 30), path: path)
}

/// The same for what was read already.
/// - Parameter path: for errors.
public func texts(_ bytes: [UInt8], path: String) throws -> [String] {
  var texts: [String] = []
  let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
  for (number, line) in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
    let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    guard line.count <= longestLine, !line.contains(0), let text = String(validating: line, as: UTF8.self) else {
      throw InferenceError.notText(path: path, line: number + 1)
    }
    if !text.allSatisfy(\.isWhitespace) { texts.append(text) }
  }
  guard !texts.isEmpty else { throw InferenceError.noTexts(path: path) }
  return texts
}

/// In bytes: more is no text for a model.
private let longestLine = 1 << 16
