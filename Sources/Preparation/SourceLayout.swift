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
  /// Text files that are none of these, and why.
  private(set) var passedOver: [String] = []

  /// More is no caption file.
  private static let longestText = 1 << 29

  /// - Parameter choice: how tables of captions are to be read.
  init(_ source: some FileSource, choice: CaptionTableChoice) throws {
    for name in source.names {
      if isPictureName(name) {
        photos.append(name)
      } else if isTextName(name) {
        if source.size(name) <= Self.longestText {
          take(name, try source.read(name), choice)
        } else {
          notes.append("\(name): \(source.size(name)) bytes, too many for a caption file; passed over")
        }
      }
    }
    captions.sort { ($0.layout, $0.path.utf8.count) < ($1.layout, $1.path.utf8.count) }
  }

  private mutating func take(_ path: String, _ raw: [UInt8], _ choice: CaptionTableChoice) {
    do {
      let bytes = try PlainText(raw, path: path).bytes
      let heading = firstLine(of: bytes)
      if let split = listedSplit(fileName: lastComponent(of: path)), !heading.contains(where: { "\t,;|{".contains($0) })
      {
        lists.append((path, split, bytes))
      } else if PairsTable.recognizes(heading: heading) {
        if pairs == nil {
          pairs = PairsTable(bytes, path: path)
        } else {
          notes.append("\(path): a second table of pairs")
        }
      } else if !extensionOf(path).contains("json") || speaksOfPhotos(bytes) {
        let file = try captionFile(raw, path: path, choice: choice)
        if file.rows > 0 { captions.append(file) } else if file.hasDetails { details.append(file) }
      }
    } catch {
      passedOver.append("\(error)")
    }
  }
}
