/// Labelled image–text pairs as a source has them: `split<TAB>image<TAB>sentence<TAB>label` under that heading, with the
/// labels `match` and `no-match` (`itm_triples.tsv`).
struct PairsTable {
  /// One row.
  struct Row {
    let line: Int
    let split: String
    let image: String
    let sentence: String
    let matches: Bool
  }

  let path: String
  private(set) var rows: [Row] = []
  private(set) var problems: [Problem] = []
  /// Rows, the unfit ones included.
  private(set) var rowCount = 0

  /// Whether a file that begins like this is such a table.
  static func recognizes(heading: String) -> Bool {
    heading.lowercased().split(separator: "\t") == ["split", "image", "sentence", "label"]
  }

  init(_ bytes: [UInt8], path: String) {
    self.path = path
    var lines = TextLines(bytes)
    _ = lines.next()
    for line in lines where !line.bytes.isEmpty {
      rowCount += 1
      switch text(of: line.bytes) {
      case .failure(let fault): note(line.number, "", fault.reason)
      case .success(let text): take(text, line: line.number)
      }
    }
  }

  private mutating func take(_ text: String, line: Int) {
    let fields = text.split(separator: "\t", omittingEmptySubsequences: false).map { trimmed($0) }
    guard fields.count == 4 else { return note(line, "", "\(fields.count) fields instead of 4 between tabs") }
    let matches: Bool
    switch fields[3].lowercased() {
    case "match", "1": matches = true
    case "no-match", "no_match", "nomatch", "0": matches = false
    default: return note(line, fields[1], "“\(fields[3])” is neither match nor no-match")
    }
    guard let split = canonicalSplit(fields[0]), !fields[1].isEmpty, !fields[2].isEmpty else {
      return note(line, fields[1], "its split, image or sentence is missing")
    }
    rows.append(Row(line: line, split: split, image: fields[1], sentence: fields[2], matches: matches))
  }

  private mutating func note(_ line: Int, _ subject: String, _ detail: String) {
    problems.append(Problem(kind: .pairRow, subject: subject, place: "\(path):\(line)", detail: detail))
  }
}
