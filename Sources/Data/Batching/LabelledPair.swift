internal import Files

/// A photo, a text, and whether they belong together: a line of `pairs.tsv`, for matching accuracy.
public struct LabelledPair: Equatable, Sendable {
  public var key: String
  public var matches: Bool
  public var text: String

  public init(key: String, matches: Bool, text: String) {
    self.key = key
    self.matches = matches
    self.text = text
  }
}

/// `pairs.tsv`: a heading, then lines of split, key, label (0 or 1) and text.
enum PairsFile {
  static let name = "pairs.tsv"
  static let heading = "split\tkey\tlabel\ttext"

  /// Runs of white space and control characters become one space, so that a text stays within its field.
  static func line(_ pair: LabelledPair, split: String) -> String {
    let words = pair.text.unicodeScalars.split {
      $0.properties.isWhitespace || $0.properties.generalCategory == .control
    }
    let text = words.map { String($0) }.joined(separator: " ")
    return "\(split)\t\(pair.key)\t\(pair.matches ? 1 : 0)\t\(text)\n"
  }

  /// The pairs of one split, whose samples have `keys`.
  static func parse(
    _ bytes: UnsafeRawBufferPointer, split: String, keys: Set<String>, path: String
  ) throws(BatchingError) -> [LabelledPair] {
    var lines = LineReader(bytes)
    guard let first = lines.next(), first.elementsEqual(heading.utf8) else {
      throw .line(path: path, number: 1, reason: "the heading is not that of labelled pairs")
    }
    var pairs: [LabelledPair] = []
    while let line = lines.next() {
      let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
      guard fields.count == 4, lines.isComplete else {
        throw .line(path: path, number: lines.number, reason: "not four fields")
      }
      guard fields[0].elementsEqual(split.utf8) else { continue }
      let key = String(decoding: fields[1], as: UTF8.self)
      guard keys.contains(key) else {
        throw .line(path: path, number: lines.number, reason: "split \(split) has no sample \(printableName(key))")
      }
      guard let label = decimal(fields[2]), label < 2, let text = String(validating: fields[3], as: UTF8.self) else {
        throw .line(path: path, number: lines.number, reason: "the label is not 0 or 1, or the text is not UTF-8")
      }
      pairs.append(LabelledPair(key: key, matches: label == 1, text: text))
    }
    return pairs
  }
}
