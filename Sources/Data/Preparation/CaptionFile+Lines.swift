/// The layouts of one caption a line.
extension CaptionFile {
  /// `NAME.jpg#0<TAB>CAPTION`, as in Flickr30k's `results_20130124.token` and Flickr8k's `Flickr8k.token.txt`.
  static func token(_ bytes: [UInt8], path: String) -> CaptionFile {
    var file = CaptionFile(path: path, layout: .token)
    file.readLines(TextLines(bytes)) { text in
      guard let tab = text.firstIndex(of: "\t") else { return .failure(TextFault("no tab between name and caption")) }
      guard let mark = text[..<tab].lastIndex(of: "#"), let number = captionNumber(text[text.index(after: mark)..<tab])
      else { return .failure(TextFault("the name does not end in # and the caption's number")) }
      return .success((trimmed(text[..<mark]), number, String(text[text.index(after: tab)...])))
    }
    return file
  }

  /// `NAME.jpg| 0| CAPTION` under the heading `image_name| comment_number| comment`: Flickr30k's `results.csv`. Bars are
  /// not quoted; the third field is the rest of the line. The copy in wide use lacks the second bar in one row
  /// (`2199200615.jpg| 4   A dog runs …`), which is reported as damaged.
  static func bars(_ bytes: [UInt8], path: String) -> CaptionFile {
    var file = CaptionFile(path: path, layout: .bars)
    var lines = TextLines(bytes)
    _ = lines.next()
    file.readLines(lines) { text in
      let fields = text.split(separator: "|", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return .failure(TextFault("\(fields.count) fields instead of 3 between bars")) }
      guard let number = captionNumber(fields[1]) else {
        return .failure(TextFault("the caption's number is no number"))
      }
      return .success((trimmed(fields[0]), number, String(fields[2])))
    }
    return file
  }

  /// Reads line after line; empty ones are passed over.
  private mutating func readLines(
    _ lines: TextLines, _ parse: (String) -> Result<(name: String, number: Int, caption: String), TextFault>
  ) {
    for line in lines where !line.bytes.isEmpty {
      switch text(of: line.bytes) {
      case .failure(let fault): reject(.badText, at: .line(line.number), fault.reason)
      case .success(let text):
        switch parse(text) {
        case .success((let name, let number, let caption)) where !name.isEmpty:
          add(caption, to: name, number: number, at: .line(line.number))
        case .success: reject(.damagedRow, at: .line(line.number), "the photo's name is empty")
        case .failure(let fault):
          reject(.damagedRow, at: .line(line.number), fault.reason, subject: String(text.prefix(80)))
        }
      }
    }
  }
}

/// A small decimal number between white space, or nil.
func captionNumber(_ text: some StringProtocol) -> Int? {
  let digits = trimmed(text)
  guard !digits.isEmpty, digits.utf8.count <= 6, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
    return nil
  }
  return Int(digits)
}
