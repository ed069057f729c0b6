internal import Files
internal import Reporting

/// Texts that say the same: of a file, a line each group of them, with tabs between.
public struct Rewordings: Sendable {
  private let groups: [[String]]
  private let groupOfText: [String: Int]

  /// - Throws: `TaskError.badRewordings` where a line has fewer than two texts, or a text is of two lines.
  public init(path: String) throws {
    let lines = String(decoding: try readFile(path, limit: 64 << 20), as: UTF8.self)
      .split(whereSeparator: \.isNewline)
    groups = lines.map { line in line.split(separator: "\t").map { trimmed($0) }.filter { !$0.isEmpty } }
    if let place = groups.firstIndex(where: { Set($0).count < 2 }) {
      throw TaskError.badRewordings(
        path: path,
        problem: "line \(place + 1) has no two texts; put those that say the same into one line, with tabs between")
    }
    guard !groups.isEmpty else { throw TaskError.badRewordings(path: path, problem: "it has no line") }
    var numbers: [String: Int] = [:]
    for (number, text) in groups.enumerated().flatMap({ number, texts in texts.map { (number, $0) } }) {
      if let other = numbers.updateValue(number, forKey: text), other != number {
        throw TaskError.badRewordings(
          path: path, problem: "\"\(printable(text, limit: 60))\" is in two lines, \(other + 1) and \(number + 1)")
      }
    }
    groupOfText = numbers
  }

  /// The other texts of the same line; none for one of no line.
  func others(of text: String) -> [String] {
    let text = trimmed(text[...])
    return groupOfText[text].map { groups[$0].filter { $0 != text } } ?? []
  }
}

private func trimmed(_ text: Substring) -> String {
  var text = text
  while text.first?.isWhitespace == true { text.removeFirst() }
  while text.last?.isWhitespace == true { text.removeLast() }
  return String(text)
}
