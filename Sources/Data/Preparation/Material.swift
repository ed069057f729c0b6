internal import Archives
internal import Batching
internal import Files

/// What a request brings along: the source's files, the captions and other columns that were taken, and what was not.
struct Material {
  let opened: OpenedSource
  let layout: SourceLayout
  let directory: PhotoDirectory
  let choice: CaptionFileChoice
  /// The captions and what other files say about the same photos.
  let described: CaptionedPhotos
  /// Files that speak of other columns than captions.
  let columns: ColumnFiles
  let pairs: PairsTable?
  /// Lists of splits, in the source or beside the caption file.
  let lists: [SplitList]
  /// A table of photos and splits, there or here.
  private let splitTable: (path: String, bytes: [UInt8])?
  /// What files say that have no captions.
  private let details: CaptionedPhotos
  private let passedOver: [String]

  var source: any FileSource { opened.files }
  var captions: CaptionedPhotos { choice.taken }

  init(
    _ request: PreparationRequest, _ unpacking: UnpackingDirectory, progress: (PreparationProgress) -> Void
  ) throws {
    opened = try OpenedSource(request, unpacking, progress: progress)
    layout = try SourceLayout(opened.files, choice: request.captionTable, roles: request.columns)
    guard !layout.photos.isEmpty else {
      throw PreparationError.noPhotos(path: opened.path, passedOver: layout.passedOver + opened.words)
    }
    directory = PhotoDirectory(photos: layout.photos, size: opened.files.size)
    columns = try ColumnFiles(request, layout, opened.files, at: opened.path)
    let given = try request.captions.map { [layout, opened] in
      try GivenCaptions(
        GivenFile($0, request, opened.files), request.captionTable, isPhoto: layout.isPhoto)
    }
    let beside = try given.filter(\.given.isOutside).map { [layout] in
      try SourceLayout(besides: $0.given.path, choice: request.captionTable, photos: layout.photos)
    }
    let named =
      given.map { CaptionedPhotos.Part(file: $0.file) } + CaptionFileChoice.groups(columns.captions).flatMap(\.self)
    if named.isEmpty {
      passedOver = layout.passedOver + columns.passedOver + CaptionFileChoice.wordless(layout.captions)
      if let choice = try CaptionFileChoice(layout.captions, in: directory) {
        self.choice = choice
      } else {
        guard !columns.parts.isEmpty else {
          throw PreparationError.noCaptions(path: opened.path, passedOver: passedOver + opened.words)
        }
        choice = CaptionFileChoice(given: [], [], in: directory)
      }
    } else {
      passedOver = layout.passedOver + columns.passedOver
      let others =
        layout.captions.filter { other in !given.contains { $0.given.inSource == other.path } }
        + beside.flatMap(\.captions).filter { other in
          !given.contains { $0.given.isOutside && $0.file.path == other.path }
        }
      choice = CaptionFileChoice(given: named, others, in: directory)
    }
    described =
      columns.parts.isEmpty ? choice.taken : CaptionedPhotos(choice.taken.parts + columns.parts, in: directory)
    pairs = layout.pairs ?? beside.lazy.compactMap(\.pairs).first
    lists = layout.lists.isEmpty ? beside.first { !$0.lists.isEmpty }?.lists ?? [] : layout.lists
    splitTable = layout.splitTable ?? beside.lazy.compactMap(\.splitTable).first
    details = CaptionedPhotos(layout.details.map { .init(file: $0) }, in: directory)
  }

  /// The splits as the first of these says: what was asked for, the captions themselves, lists, other captions, folders.
  /// Nil where none does, so that a hash decides.
  func splits(_ request: PreparationRequest) throws -> SplitAssignment? {
    switch request.splits {
    case .file(let path): return try givenSplits(path, choice: request.captionTable)
    case .hash: return nil
    case .folders:
      guard let folders = SplitAssignment(foldersOf: layout.photos) else {
        throw PreparationError.noSplitFolders(path: opened.path)
      }
      return folders
    case nil: break
    }
    if captions.hasSplits || captions.parts.isEmpty && described.hasSplits { return SplitAssignment(described) }
    if !lists.isEmpty { return .lists(lists, in: directory) }
    if let table = splitTable { return try .file(table.bytes, path: table.path, in: directory) }
    return choice.others.first(where: \.hasSplits).map { SplitAssignment($0) }
      ?? (described.hasSplits ? SplitAssignment(described) : SplitAssignment(foldersOf: layout.photos))
  }

  /// Lists and tables of splits that are there and decide nothing, in words.
  ///
  /// - Parameter source: what decides.
  func unreadSplits(besides source: String) -> [String] {
    let paths = lists.map(\.path)
    let found = [
      (paths.isEmpty ? nil : "lists " + paths.joined(separator: ", ")), splitTable.map { "split file \($0.path)" },
    ]
    return found.compactMap(\.self).filter { $0 != source }.map { "\($0): not read; the splits are those of \(source)" }
  }

  /// A file that says each photo's split, or a folder of lists; a single list brings those beside it along.
  private func givenSplits(_ path: String, choice: CaptionTableChoice) throws -> SplitAssignment {
    let isFolder = isDirectory(path)
    if isFolder || listedSplit(fileName: lastComponent(of: path)) != nil {
      let folder = try SourceLayout(
        FolderSource(path: isFolder ? path : parentDirectory(of: path), isDeep: false), choice: choice)
      if !folder.lists.isEmpty { return .lists(folder.lists, in: directory) }
      guard !isFolder else { throw PreparationError.unknownSplitLayout(path: path, firstLine: "") }
    }
    return try .file(readFile(path), path: lastComponent(of: path), in: directory)
  }

  /// What the source says about a photo beyond captions: by the captions first, then by the files that say nothing else.
  /// Where two give a key, the first counts.
  func details(of file: String) -> JSONValue? {
    var merged = described[file]?.details ?? [:]
    merged.merge(details[file]?.details ?? [:]) { first, _ in first }
    return merged.isEmpty ? nil : .object(merged)
  }

  /// Rows of files that speak of other columns, the unfit ones included.
  var columnRows: Int { (columns.parts.map(\.file) + columns.captions).reduce(0) { $0 + $1.columnRows } }

  /// The report's first lines.
  func report(_ request: PreparationRequest) -> PreparationReport {
    var report = PreparationReport(name: request.name ?? opened.stem, source: opened.name)
    report.sourceDigest = opened.digest
    report.licence = request.licence
    report.photosFound = layout.photos.count
    report.notes =
      opened.files.notes + described.notes + layout.details.map { "\($0.path): kept as details of the photos" }
    report.passedOver =
      passedOver + opened.files.leftOut.filter { !layout.subjects.isName($0.name) }.map { "\($0.name): \($0.reason)" }
    report.captionSources =
      captions.parts.prefix(1).map { first in
        .init(
          file: captions.path, layout: first.file.layout.name, rows: captions.rows, reading: first.file.reading)
      }
      + choice.others.map { other in
        let difference = CaptionComparison(other, captions).words
        return .init(
          file: other.path, layout: other.parts[0].file.layout.name, rows: other.rows, agrees: difference == nil,
          difference: difference)
      }
    report.columnSources = columns.parts.map { part in
      .init(file: part.file.path, layout: part.file.layout.name, rows: part.file.columnRows)
    }
    return report
  }
}

extension SourceLayout {
  /// What lies beside a file that the caller names.
  fileprivate init(besides path: String, choice: CaptionTableChoice, photos: [String]) throws {
    try self.init(FolderSource(path: parentDirectory(of: path), isDeep: false), choice: choice, photos: photos)
  }
}
