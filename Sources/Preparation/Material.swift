internal import Archives
internal import Batching
internal import Files

/// What a request brings along: the source's files, the caption file that was taken, and the others.
struct Material {
  let opened: OpenedSource
  let layout: SourceLayout
  let captions: CaptionFile
  let otherCaptions: [CaptionFile]
  let pairs: PairsTable?
  /// Lists of splits, in the source or beside the caption file.
  let lists: [(path: String, split: String, bytes: [UInt8])]

  var source: any FileSource { opened.files }

  init(
    _ request: PreparationRequest, _ unpacking: UnpackingDirectory, progress: (PreparationProgress) -> Void
  ) throws {
    opened = try OpenedSource(request, unpacking, progress: progress)
    layout = try SourceLayout(opened.files, choice: request.captionTable)
    guard !layout.photos.isEmpty else { throw PreparationError.noPhotos(path: opened.path) }
    var found = layout.captions
    var beside: SourceLayout?
    if let given = request.captions {
      let name = lastComponent(of: given)
      beside = try SourceLayout(
        FolderSource(path: parentDirectory(of: given), isDeep: false), choice: request.captionTable)
      found = (found + (beside?.captions ?? [])).filter { lastComponent(of: $0.path) != name }
      found.insert(try captionFile(readFile(given), path: name, choice: request.captionTable), at: 0)
    }
    found = CaptionFile.joiningSplits(found)
    guard let captions = found.first else {
      throw PreparationError.noCaptions(path: opened.path, passedOver: layout.passedOver)
    }
    self.captions = captions
    otherCaptions = Array(found.dropFirst())
    pairs = layout.pairs ?? beside?.pairs
    lists = layout.lists.isEmpty ? beside?.lists ?? [] : layout.lists
  }

  /// The splits as the first of these says: the file that was asked for, the caption file itself, lists, another caption
  /// file, the table of pairs. Nil where none does.
  func splits(_ request: PreparationRequest) throws -> SplitAssignment? {
    if let path = request.splits { return try givenSplits(path, choice: request.captionTable) }
    if captions.hasSplits { return SplitAssignment(captions: captions) }
    if !lists.isEmpty { return .lists(lists) }
    return otherCaptions.first(where: \.hasSplits).map { SplitAssignment(captions: $0) }
  }

  /// A file that says each photo's split, or a folder of lists; a single list brings those beside it along.
  private func givenSplits(_ path: String, choice: CaptionTableChoice) throws -> SplitAssignment {
    let isFolder = isDirectory(path)
    if isFolder || listedSplit(fileName: lastComponent(of: path)) != nil {
      let folder = try SourceLayout(
        FolderSource(path: isFolder ? path : parentDirectory(of: path), isDeep: false), choice: choice)
      if !folder.lists.isEmpty { return .lists(folder.lists) }
      guard !isFolder else { throw PreparationError.unknownSplitLayout(path: path, firstLine: "") }
    }
    return try .file(readFile(path), path: lastComponent(of: path))
  }

  /// What the source says about a photo beyond captions: by the caption file first, then by the files that say nothing
  /// else. Where two give a key, the first counts.
  func details(of name: String) -> JSONValue? {
    var merged: [String: JSONValue] = [:]
    for file in [captions] + layout.details {
      guard case .object(let values) = file[name]?.details else { continue }
      merged.merge(values) { first, _ in first }
    }
    return merged.isEmpty ? nil : .object(merged)
  }

  /// The report's first lines.
  func report(_ request: PreparationRequest) -> PreparationReport {
    var report = PreparationReport(name: request.name ?? opened.stem, source: opened.name)
    report.sourceDigest = opened.digest
    report.licence = request.licence
    report.photosFound = layout.photos.count
    report.notes = layout.notes + layout.details.map { "\($0.path): kept as details of the photos" }
    report.captionSources =
      [.init(file: captions.path, layout: captions.layout.name, rows: captions.rows, reading: captions.reading)]
      + otherCaptions.map { other in
        let difference = other.difference(from: captions)
        return .init(
          file: other.path, layout: other.layout.name, rows: other.rows, agrees: difference == nil,
          difference: difference)
      }
    report.notes += opened.files.notes
    return report
  }
}
