internal import Archives
internal import Files

/// Reads a caption file of any known layout, which is told by its first bytes and, for tables, by its first rows.
///
/// - Parameter choice: how a table is to be read where that is known; with it, everything but JSON is a table.
/// - Throws: `PreparationError.unknownCaptionLayout`, `.unreadableJSON` or `.unreadableText`.
package func captionFile(_ raw: [UInt8], path: String, choice: CaptionTableChoice = .init()) throws -> CaptionFile {
  let text = try PlainText(raw, path: path)
  var file = try captionFile(text.bytes, path, choice)
  file.conversion = text.conversion
  return file
}

private func captionFile(_ bytes: [UInt8], _ path: String, _ choice: CaptionTableChoice) throws -> CaptionFile {
  let heading = firstLine(of: bytes)
  if ["json", "jsonl", "ndjson"].contains(extensionOf(path)) || heading.hasPrefix("{") {
    return try .json(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes, path: path)
  }
  if choice.isOpen {
    if isTokenLine(heading) || lastComponent(of: path).lowercased().contains(".token") {
      return .token(bytes, path: path)
    }
    if heading.hasPrefix("image_name|") { return .bars(bytes, path: path) }
  }
  if let form = TableForm.of(bytes, choice: choice) { return .separated(bytes, form: form, path: path) }
  throw PreparationError.unknownCaptionLayout(
    path: path, firstLine: heading, seen: TableForm.whatIsSeen(bytes, heading: heading, choice: choice))
}

/// Whether a line looks like `NAME.jpg#0<TAB>CAPTION`.
private func isTokenLine(_ line: String) -> Bool {
  guard let tab = line.firstIndex(of: "\t"), let mark = line[..<tab].lastIndex(of: "#") else { return false }
  let number = line[line.index(after: mark)..<tab]
  return !number.isEmpty && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
}

/// Whether JSON can be about photos and captions at all: COCO's archives hold boxes and key points too, in hundreds of
/// megabytes that need not be taken apart to see it.
func speaksOfPhotos(_ bytes: [UInt8]) -> Bool {
  let keys = (TableForm.captionNames + ["filename"]).map { Array("\"\($0)\"".utf8) }
  return bytes.withUnsafeBufferPointer { bytes in
    bytes.indices.contains { i in
      bytes[i] == 0x22 && keys.contains { UnsafeBufferPointer(rebasing: bytes[i...]).starts(with: $0) }
    }
  }
}

extension TableForm {
  /// What a table that is not understood looks like, in words: a reader sees at once whether the delimiter is wrong, or
  /// the names of the columns.
  static func whatIsSeen(_ bytes: [UInt8], heading: String, choice: CaptionTableChoice) -> String {
    if heading.unicodeScalars.contains("\0") { return "it holds NUL bytes: perhaps UTF-16 without a byte order mark" }
    let tables = (choice.delimiter.map { [$0] } ?? CaptionDelimiter.allCases).map {
      (delimiter: $0, cells: firstCells(bytes, $0))
    }
    guard let best = tables.max(by: { $0.cells.count < $1.cells.count }), best.cells.count > 1 else {
      let wanted = choice.delimiter.map { "no \($0.rawValue)" } ?? "neither comma, tab, semicolon nor bar"
      return "\(wanted) is in its first line"
    }
    let columns = best.cells.map { "“\($0)”" }.joined(separator: ", ")
    let missing =
      choice.columns.map { "none of them is “\($0.photo)” and another “\($0.caption)”" }
      ?? "no two of them are called like a photo and a caption, and none is the name of a photo"
    return "between \(best.delimiter.rawValue)s its first line has \(best.cells.count) columns, \(columns): \(missing)"
  }
}
