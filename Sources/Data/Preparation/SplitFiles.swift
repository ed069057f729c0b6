internal import Archives
internal import Files

/// A file of photo names, one a line, all of one split.
struct SplitList {
  let path: String
  /// What its name speaks of.
  let split: String
  let bytes: [UInt8]
  /// The folder it lies in, from which its names are seen.
  let folder: String
}

extension SplitAssignment {
  /// Reads lists of photo names, one file a split.
  static func lists(_ lists: [SplitList], in directory: PhotoDirectory) -> SplitAssignment {
    var assignment = SplitAssignment(
      source: "lists " + lists.map(\.path).joined(separator: ", "), isSelection: true)
    var rows: [Row] = []
    for list in lists {
      for line in TextLines(list.bytes) where line.bytes.contains(where: { $0 > 0x20 }) {
        let place = "\(list.path):\(line.number)"
        switch text(of: line.bytes) {
        case .success(let name):
          rows.append(Row(name: trimmed(name), word: list.split, place: place, folder: list.folder))
        case .failure(let fault): assignment.note(place, "", fault.reason)
        }
      }
    }
    assignment.assign(rows, in: directory)
    return assignment
  }

  /// Reads one file that says the split of each photo: captions with splits in JSON, a table with the columns photo and
  /// split, or lines of `NAME<TAB or comma>SPLIT`.
  ///
  /// - Throws: `PreparationError.unknownSplitLayout`, `.unreadableJSON` or `.unreadableText`.
  static func file(_ raw: [UInt8], path: String, in directory: PhotoDirectory) throws -> SplitAssignment {
    let text = try PlainText(raw, path: path)
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let json = text.bytes.starts(with: mark) ? text.bytes.dropFirst(mark.count) : text.bytes[...]
    if let first = json.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      return try .json(Array(json), path: path, in: directory)
    }
    let heading = firstLine(of: text.bytes)
    let separators = text.delimiter.map { [$0.byte] } ?? [UInt8(ascii: "\t"), UInt8(ascii: ","), UInt8(ascii: ";")]
    guard let separator = separators.first(where: heading.utf8.contains) else {
      throw PreparationError.unknownSplitLayout(path: path, firstLine: heading)
    }
    var assignment = SplitAssignment(source: "split file \(path)", isSelection: true)
    let rows = try assignment.rows(SeparatedValues(text.bytes, separator: separator), path: path, heading: heading)
    assignment.assign(rows, in: directory)
    return assignment
  }

  /// Captions with splits, records of photos and splits, or one list of photos for each split.
  private static func json(_ bytes: [UInt8], path: String, in directory: PhotoDirectory) throws -> SplitAssignment {
    var assignment = SplitAssignment(source: "split file \(path)", isSelection: true)
    if let lists = try? decodeJSON([String: [JSONIdentifier]].self, bytes),
      lists.keys.allSatisfy({ splitWord($0) != nil })
    {
      let rows = lists.keys.sorted().flatMap { split in
        (lists[split] ?? []).map { Row(name: $0.text, word: splitWord(split) ?? split, place: "\(path): \(split)") }
      }
      assignment.assign(rows, in: directory)
      return assignment
    }
    let records = JSONScan(bytes).values.flatMap { value -> [CaptionRecord] in
      if let one = try? decodeJSON(CaptionRecord.self, bytes[value]) { return [one] }
      return (try? decodeJSON([CaptionRecord].self, bytes[value])) ?? []
    }.filter { !$0.name.isEmpty }
    guard records.contains(where: { $0.split != nil }) else {
      return SplitAssignment(CaptionedPhotos([.init(file: try CaptionFile.json(bytes, path: path))], in: directory))
    }
    assignment.assign(records.map { Row(name: $0.name, word: $0.split ?? "", place: path) }, in: directory)
    return assignment
  }

  private mutating func rows(_ table: SeparatedValues, path: String, heading: String) throws -> [Row] {
    var rows: [Row] = []
    var columns: (name: Int, split: Int)?
    for row in table {
      let place = "\(path):\(row.line)"
      guard case .success(let fields) = row.fields else {
        note(place, "", "the row cannot be read")
        continue
      }
      let cells = fields.map { trimmed(String(decoding: $0, as: UTF8.self)) }
      if cells.allSatisfy(\.isEmpty) { continue }
      let known: (name: Int, split: Int)
      if let columns {
        known = columns
      } else {
        known = try Self.splitColumns(cells, path: path, heading: heading)
        columns = known
        if cells.contains(where: { $0.lowercased() == "split" }) { continue }
      }
      if cells.indices.contains(known.name), !cells[known.name].isEmpty {
        let word = cells.indices.contains(known.split) ? cells[known.split] : ""
        rows.append(Row(name: cells[known.name], word: word, place: place))
      } else {
        note(place, cells.first ?? "", "the row names no photo")
      }
    }
    return rows
  }

  /// Whether a text is a table of photos and splits, and of nothing that could be captions.
  static func isSplitTable(_ bytes: [UInt8]) -> Bool {
    let heading = firstLine(of: bytes)
    guard
      let separator = [UInt8(ascii: "\t"), UInt8(ascii: ","), UInt8(ascii: ";")].first(where: heading.utf8.contains)
    else { return false }
    let rows = SeparatedValues(bytes, separator: separator).prefix(50).compactMap { row in
      try? row.fields.get().map { trimmed(String(decoding: $0.prefix(200), as: UTF8.self)) }
    }
    guard let first = rows.first else { return false }
    let names = first.map(ColumnNames.plain)
    if let split = names.firstIndex(of: "split"), names.contains(where: ColumnNames.photo.contains) {
      return rows.count > 1 && names.allSatisfy { ColumnNames.rank($0) == nil }
        && rows.dropFirst().allSatisfy { $0.indices.contains(split) && canonicalSplit($0[split]) != nil }
    }
    let known = ["train", "validation", "test"]
    return rows.allSatisfy {
      $0.count == 2 && isMediaName($0[0]) && canonicalSplit($0[1]).map(known.contains) == true
    }
  }

  /// The columns of photo and split: by the heading, or, where the first row is none, the one that names a split.
  private static func splitColumns(
    _ cells: [String], path: String, heading: String
  ) throws -> (name: Int, split: Int) {
    let names = cells.map(ColumnNames.plain)
    if let split = names.firstIndex(of: "split"),
      let name = ColumnNames.photo.lazy.compactMap({ names.firstIndex(of: $0) }).first
    {
      return (name, split)
    }
    let known = ["train", "validation", "test"]
    guard cells.count == 2, let split = cells.firstIndex(where: { canonicalSplit($0).map(known.contains) ?? false })
    else { throw PreparationError.unknownSplitLayout(path: path, firstLine: heading) }
    return (1 - split, split)
  }
}
