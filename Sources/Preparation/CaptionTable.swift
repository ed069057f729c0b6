internal import Archives

/// What stands between the fields of a table.
public enum CaptionDelimiter: String, CaseIterable, Codable, Sendable {
  case comma, tab, semicolon, bar

  var byte: UInt8 {
    switch self {
    case .comma: UInt8(ascii: ",")
    case .tab: UInt8(ascii: "\t")
    case .semicolon: UInt8(ascii: ";")
    case .bar: UInt8(ascii: "|")
    }
  }
}

/// How a table of captions is to be read, where its heading and its first rows do not tell, or tell wrongly.
public struct CaptionTableChoice: Equatable, Sendable {
  /// Nil finds it out.
  public var delimiter: CaptionDelimiter?
  /// The photo's and the caption's column: what the heading calls them, or their places from 1. Nil finds them out.
  public var columns: Columns?

  /// Two columns of a table.
  public struct Columns: Equatable, Sendable {
    public var photo: String
    public var caption: String

    /// Reads `PHOTO,CAPTION`; nil where that is not two different names.
    public init?(_ text: String) {
      let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { trimmed($0) }
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, parts[0] != parts[1] else { return nil }
      (photo, caption) = (parts[0], parts[1])
    }
  }

  public init(delimiter: CaptionDelimiter? = nil, columns: Columns? = nil) {
    self.delimiter = delimiter
    self.columns = columns
  }

  var isOpen: Bool { delimiter == nil && columns == nil }
}

/// What was decided about a table: its delimiter, its heading and the columns that matter.
struct TableForm {
  let delimiter: CaptionDelimiter
  /// What the columns are called; empty where the first row is data.
  let heading: [String]
  let photo: Int
  let caption: Int
  var number: Int?
  var split: Int?
  /// Without quotes, the last field is the rest of the line.
  var isQuoted = true
  let width: Int

  /// What a column is called in reports.
  func name(_ column: Int) -> String { heading.isEmpty ? "\(column + 1)" : heading[column] }
}

extension TableForm {
  /// Names that headings in use give to the photo and to the caption, the most telling ones first.
  static let photoNames = [
    "image", "image_name", "filename", "file_name", "filepath", "file", "image_path", "image_file", "img", "photo",
    "path",
  ]
  static let captionNames = [
    "caption", "comment", "raw", "sentence", "text", "captions", "sentences", "description", "title",
  ]

  /// Finds the form of a table; nil where neither a heading nor the first rows tell.
  static func of(_ bytes: [UInt8], choice: CaptionTableChoice) -> TableForm? {
    let delimiters = choice.delimiter.map { [$0] } ?? CaptionDelimiter.allCases
    let rows = delimiters.map { (delimiter: $0, cells: firstCells(bytes, $0)) }
    if let columns = choice.columns {
      return rows.lazy.compactMap { chosen(columns, $0.delimiter, $0.cells) }.first
    }
    return rows.lazy.compactMap { headed($0.delimiter, $0.cells) }.first
      ?? [.tab, .bar, .semicolon, .comma].filter(delimiters.contains).lazy.compactMap { bare(bytes, $0) }.first
  }

  /// The first row's fields as text.
  static func firstCells(_ bytes: [UInt8], _ delimiter: CaptionDelimiter) -> [String] {
    var rows = SeparatedValues(bytes, separator: delimiter.byte)
    return cells(rows.next()?.fields)
  }

  private static func cells(_ fields: Result<[[UInt8]], TextFault>?) -> [String] {
    guard case .success(let fields) = fields else { return [] }
    return fields.map { trimmed(String(decoding: $0.prefix(200), as: UTF8.self)) }
  }

  /// By what the first row calls its columns.
  private static func headed(_ delimiter: CaptionDelimiter, _ cells: [String]) -> TableForm? {
    let lower = cells.map { $0.lowercased() }
    func column(_ names: [String]) -> Int? { names.lazy.compactMap { lower.firstIndex(of: $0) }.first }
    guard let photo = column(photoNames), let caption = column(captionNames) else { return nil }
    return TableForm(
      delimiter: delimiter, heading: cells, photo: photo, caption: caption,
      number: column(["comment_number", "caption_number", "number"]), split: column(["split"]), width: cells.count)
  }

  /// By what the caller says: names of the heading, or places.
  private static func chosen(
    _ columns: CaptionTableChoice.Columns, _ delimiter: CaptionDelimiter, _ cells: [String]
  ) -> TableForm? {
    let lower = cells.map { $0.lowercased() }
    func place(_ name: String) -> Int? {
      lower.firstIndex(of: name.lowercased()) ?? Int(name).flatMap { cells.indices.contains($0 - 1) ? $0 - 1 : nil }
    }
    guard let photo = place(columns.photo), let caption = place(columns.caption) else { return nil }
    let hasHeading = !isPictureName(cells[photo])
    return TableForm(
      delimiter: delimiter, heading: hasHeading ? cells : [], photo: photo, caption: caption,
      split: hasHeading ? lower.firstIndex(of: "split") : nil, width: cells.count)
  }

  /// Rows without a heading: a photo's name and a caption, perhaps the caption's number between them.
  private static func bare(_ bytes: [UInt8], _ delimiter: CaptionDelimiter) -> TableForm? {
    let isQuoted = delimiter == .comma || delimiter == .semicolon
    let rows = SeparatedValues(bytes, separator: delimiter.byte, isQuoted: isQuoted).prefix(20).map { cells($0.fields) }
    guard let first = rows.first, first.count >= 2, isPictureName(first[0]) else { return nil }
    let sound = rows.filter { $0.count >= 2 && isPictureName($0[0]) }
    guard sound.count * 2 >= rows.count else { return nil }
    let isNumbered = sound.allSatisfy { $0.count >= 3 && captionNumber($0[1]) != nil }
    let width = isNumbered ? 3 : 2
    guard !isQuoted || first.count == width else { return nil }
    return TableForm(
      delimiter: delimiter, heading: [], photo: 0, caption: width - 1, number: isNumbered ? 1 : nil, isQuoted: isQuoted,
      width: width)
  }
}
