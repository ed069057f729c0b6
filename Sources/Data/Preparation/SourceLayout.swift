internal import Archives
internal import Files

/// What the files of a source are for.
struct SourceLayout {
  /// What samples are made of.
  private(set) var subjects = Subjects.photos
  /// Pictures of any kind, or sounds where they are what samples are made of; which kind is found out by looking into them.
  private(set) var photos: [String] = []
  /// Sounds beside photos.
  private(set) var clips: [String] = []
  /// Files that can be read as captions.
  private(set) var captions: [CaptionFile] = []
  /// Lists of names, one file a split.
  private(set) var lists: [SplitList] = []
  private(set) var pairs: PairsTable?
  /// Files with questions, or with answers to them.
  private(set) var questions: [QuestionSource] = []
  /// Tables with all the columns to which the caller gives roles, and the headings of the others.
  private(set) var tables: [CaptionFile] = []
  private(set) var headings: [TableHeading] = []
  /// A table that says which photo is in which split, and nothing else.
  private(set) var splitTable: (path: String, bytes: [UInt8])?
  /// Files in Karpathy's form that have no captions, but questions or boxes.
  private(set) var described: [CaptionFile] = []
  /// Files in Karpathy's form that have no captions, but other things to say about the photos.
  private(set) var details: [CaptionFile] = []
  /// Files that are none of these, and why.
  private(set) var passedOver: [String] = []
  /// Texts beside no photo where others are beside theirs, and photos whose names differ in Unicode form alone.
  private(set) var problems: [Problem] = []
  /// The photos' base names without extensions.
  private let knownNames: Set<String>

  /// More is no caption file.
  private static let longestText = 1 << 29

  /// - Parameters:
  ///   - choice: how tables of captions are to be read.
  ///   - roles: what the columns of tables are; those with all of them are no captions.
  ///   - photos: those that captions are about, where they lie elsewhere.
  init(
    _ source: some FileSource, choice: CaptionTableChoice, roles: ColumnRoles? = nil, photos others: [String] = []
  ) throws {
    subjects = Subjects(of: source.names, roles)
    let isSubject = subjects.isName
    (photos, problems) = Self.photos(of: source, isSubject)
    if subjects == .photos { clips = source.names.filter(isSoundName) }
    knownNames = Set((photos + others).map { withoutPictureExtension(lastComponent(of: $0)) })
    let beside = TextsBesidePhotos(names: source.names, photos: photos)
    let textsBeside = beside.isLayout ? Set(beside.files) : []
    var unknown: [String] = []
    let hearsClips = roles?.has(.audio) == true
    for name in source.names where !isSubject(name) && !(hearsClips && isSoundName(name)) && !textsBeside.contains(name)
    {
      if let words = Self.closedKind(name) {
        passedOver.append("\(name): \(words)")
      } else if !isTextName(name) {
        unknown.append(name)
      } else if source.size(name) > Self.longestText {
        passedOver.append("\(name): \(source.size(name)) bytes, too many for a caption file")
      } else {
        take(name, try source.read(name), choice, roles, isOrphan: beside.isLayout && beside.wouldBeOne(name))
      }
    }
    if beside.isLayout || captions.isEmpty, let file = try beside.captionFile(source) {
      captions.append(file)
      let read = Set(beside.files)
      passedOver.removeAll { words in read.contains { words.hasPrefix($0 + ":") } }
    }
    if !unknown.isEmpty {
      let kinds = Set(unknown.map { extensionOf($0).isEmpty ? "no extension" : "." + extensionOf($0) }).sorted()
      passedOver.append("\(unknown.count) files of other kinds (\(some(kinds, limit: 6))), \(unknown[0]) the first")
    }
  }

  /// What is known to hold data and cannot be looked into.
  private static func closedKind(_ name: String) -> String? {
    switch extensionOf(name) {
    case "parquet", "arrow", "feather":
      "a table in a form that is not read here (\(extensionOf(name))); save it as CSV or JSON lines"
    case "zip", "tar", "gz", "tgz", "bz2", "xz", "zst", "7z", "rar":
      "an archive in the source stays closed; unpack it first, or give it by itself with --archive"
    case "xlsx", "xls", "ods": "a spreadsheet; save it as CSV"
    default: nil
    }
  }

  /// Whether a text names a photo, by its form or because there is such a photo.
  var isPhoto: (String) -> Bool {
    { [knownNames] in isMediaName($0) || knownNames.contains(lastComponent(of: $0)) }
  }

  /// Names that differ in Unicode form alone are one name to all who compare texts.
  private static func photos(
    of source: some FileSource, _ isSubject: (String) -> Bool
  ) -> (photos: [String], problems: [Problem]) {
    var known: Set<String> = []
    var problems: [Problem] = []
    let photos = source.names.filter(isSubject).filter { name in
      if known.insert(name).inserted { return true }
      let detail = "its name differs in Unicode form alone from that of another photo"
      problems.append(Problem(kind: .ambiguousPhoto, subject: name, place: nil, detail: detail, file: name))
      return false
    }
    return (photos, problems)
  }

  /// - Parameter isOrphan: whether the file, if it is nothing else, is a text whose photo is missing.
  private mutating func take(
    _ path: String, _ raw: [UInt8], _ choice: CaptionTableChoice, _ roles: ColumnRoles?, isOrphan: Bool
  ) {
    do {
      let text = try PlainText(raw, path: path)
      let bytes = text.bytes
      let heading = firstLine(of: bytes)
      if try takeColumns(path, text, choice, roles) {
        return
      } else if let split = listedSplit(fileName: lastComponent(of: path)),
        !heading.contains(where: { "\t,;|{".contains($0) })
      {
        lists.append(SplitList(path: path, split: split, bytes: bytes, folder: parentFolder(of: path)))
      } else if PairsTable.recognizes(heading: heading) {
        if pairs == nil {
          pairs = PairsTable(bytes, path: path)
        } else {
          passedOver.append("\(path): a second table of pairs")
        }
      } else if SplitAssignment.isSplitTable(bytes) {
        if splitTable == nil {
          splitTable = (path, bytes)
        } else {
          passedOver.append("\(path): a second table of splits")
        }
      } else if extensionOf(path).contains("json"), !speaksOfPhotos(bytes) {
        passedOver.append("\(path): JSON without captions")
      } else {
        var file = try captionFile(raw, path: path, choice: choice, isPhoto: isPhoto)
        file.folder = parentFolder(of: path)
        if file.rows > 0, file.names.isEmpty {
          passedOver.append("\(path): no photo with captions in it (\(file.problems.first?.detail ?? ""))")
        } else if file.rows > 0 {
          captions.append(file)
        } else if file.describedPhotos > 0 {
          described.append(file)
        } else if file.hasDetails {
          details.append(file)
        } else {
          passedOver.append("\(path): no captions in it")
        }
      }
    } catch {
      if isOrphan {
        problems.append(
          Problem(
            kind: .missingPhoto, subject: path, place: nil, detail: "a text for which there is no photo beside it"))
      } else {
        passedOver.append("\(error)")
      }
    }
  }
}

extension SourceLayout {
  /// Takes a table whose columns have roles, or a file with questions. - Returns: whether it is one.
  private mutating func takeColumns(
    _ path: String, _ text: PlainText, _ choice: CaptionTableChoice, _ roles: ColumnRoles?
  ) throws -> Bool {
    if let roles, !extensionOf(path).contains("json") {
      let delimiter = choice.delimiter ?? text.delimiter
      if let table = RoleTable(roles, text.bytes, delimiter: delimiter) {
        var file = CaptionFile.table(text.bytes, table, path: path)
        file.folder = parentFolder(of: path)
        tables.append(file)
        return true
      }
      headings.append(TableHeading(path, text.bytes, delimiter))
    }
    do {
      guard let source = try QuestionSource.read(text.bytes, path: path, choice: choice, isPhoto: isPhoto) else {
        return false
      }
      questions.append(source)
      if source.mayHaveCaptions { takeCaptions(path, text, choice) }
      return true
    } catch  where speaksOfPhotos(text.bytes) {
      return false
    }
  }

  /// Of a file with questions, whose rows may have captions too.
  private mutating func takeCaptions(_ path: String, _ text: PlainText, _ choice: CaptionTableChoice) {
    guard var file = try? captionFile(text.bytes, path: path, choice: choice, isPhoto: isPhoto), file.hasCaptions else {
      return
    }
    file.folder = parentFolder(of: path)
    captions.append(file)
  }
}

/// The folder of a file in a source; nothing for those that lie at its root.
func parentFolder(of path: String) -> String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "" }
