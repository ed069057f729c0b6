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
  /// The columns of the photo and of its captions: what the heading calls them, or their places from 1. Nil finds them out.
  public var columns: Columns?

  /// Columns of a table.
  public struct Columns: Equatable, Sendable {
    public var photo: String
    /// One or more.
    public var captions: [String]

    /// Reads `PHOTO,CAPTION[,CAPTION…]`; nil where these are not different names.
    public init?(_ text: String) {
      let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { trimmed($0) }
      guard parts.count >= 2, !parts.contains(""), Set(parts).count == parts.count else { return nil }
      (photo, captions) = (parts[0], Array(parts.dropFirst()))
    }
  }

  public init(delimiter: CaptionDelimiter? = nil, columns: Columns? = nil) {
    self.delimiter = delimiter
    self.columns = columns
  }

  var isOpen: Bool { delimiter == nil && columns == nil }
}
