internal import Archives
internal import Files

/// What the files of a source are for.
struct SourceLayout {
  /// Pictures of any kind; whether they are JPEG is found out by looking into them.
  private(set) var photos: [String] = []
  /// Caption files, the preferred one first.
  private(set) var captions: [CaptionFile] = []
  /// Lists of names, one file a split.
  private(set) var lists: [(path: String, split: String, bytes: [UInt8])] = []
  private(set) var pairs: PairsTable?
  /// Files in Karpathy's form that have no captions, but other things to say about the photos.
  private(set) var details: [CaptionFile] = []
  private(set) var notes: [String] = []

  /// More is no caption file.
  private static let longestText = 1 << 28

  init(_ source: some FileSource) throws {
    for name in source.names {
      if isPictureName(name) {
        photos.append(name)
      } else if isTextName(name), source.size(name) <= Self.longestText {
        try take(name, try source.read(name))
      }
    }
    captions.sort { ($0.layout, $0.path.utf8.count) < ($1.layout, $1.path.utf8.count) }
  }

  private mutating func take(_ path: String, _ bytes: [UInt8]) throws {
    let heading = firstLine(of: bytes)
    if let split = listedSplit(fileName: lastComponent(of: path)), !heading.contains("\t"), !heading.contains(",") {
      lists.append((path, split, bytes))
    } else if PairsTable.recognizes(heading: heading) {
      if pairs == nil {
        pairs = PairsTable(bytes, path: path)
      } else {
        notes.append("\(path): a second table of pairs")
      }
    } else if let file = try? captionFile(bytes, path: path) {
      if file.rows > 0 { captions.append(file) } else if file.hasDetails { details.append(file) }
    }
  }
}

/// Reads a caption file of any known layout, which is told by its first bytes and, for token files, by its first line.
///
/// - Throws: `PreparationError.unknownCaptionLayout` or `.unreadableJSON`.
package func captionFile(_ bytes: [UInt8], path: String) throws -> CaptionFile {
  let heading = firstLine(of: bytes)
  if extensionOf(path) == "json" || heading.hasPrefix("{") { return try .karpathy(bytes, path: path) }
  if isTokenLine(heading) || lastComponent(of: path).lowercased().contains(".token") {
    return .token(bytes, path: path)
  }
  if heading.hasPrefix("image_name|") { return .bars(bytes, path: path) }
  if let columns = CaptionColumns(heading: heading) { return .separated(bytes, columns: columns, path: path) }
  throw PreparationError.unknownCaptionLayout(path: path, firstLine: heading)
}

/// Whether a line looks like `NAME.jpg#0<TAB>CAPTION`.
private func isTokenLine(_ line: String) -> Bool {
  guard let tab = line.firstIndex(of: "\t"), let mark = line[..<tab].lastIndex(of: "#") else { return false }
  let number = line[line.index(after: mark)..<tab]
  return !number.isEmpty && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
}
