internal import Archives

/// The files of a request that speak of other columns than captions: questions, tables whose columns have roles, boxes.
struct ColumnFiles {
  /// In the order in which they are read.
  private(set) var parts: [CaptionedPhotos.Part] = []
  /// Tables with a role of captions.
  private(set) var captions: [CaptionFile] = []
  /// Files with questions that are not taken, in words.
  private(set) var passedOver: [String] = []

  /// - Throws: `PreparationError` where a file that the caller names is not what it should be, or a column is not there.
  init(_ request: PreparationRequest, _ layout: SourceLayout, _ source: any FileSource, at path: String) throws {
    func given(_ paths: [String]) throws -> [GivenFile] { try paths.map { try GivenFile($0, request, source) } }
    let tables = try Self.tables(request, layout, given(request.tables), at: path)
    captions = tables.filter(\.hasCaptions)
    let questions = try Self.questions(request, layout, given(request.questions + request.annotations))
    passedOver = questions.passedOver
    let boxes = try given(request.boxes).map { file in
      var boxes = try CaptionFile.boxes(file.bytes, path: file.name)
      boxes.folder = parentFolder(of: file.name)
      return boxes
    }
    parts = CaptionFileChoice.groups(tables.filter { !$0.hasCaptions } + questions.taken + boxes + layout.described)
      .flatMap(\.self)
  }

  /// Where the source has captions, questions that were not asked for and lack their other half are passed over.
  private static func questions(
    _ request: PreparationRequest, _ layout: SourceLayout, _ given: [GivenFile]
  ) throws -> (taken: [CaptionFile], passedOver: [String]) {
    let named = try given.map { file in
      guard
        let source = try QuestionSource.read(
          file.bytes, path: file.name, choice: request.captionTable, isPhoto: layout.isPhoto)
      else { throw PreparationError.unknownQuestionLayout(path: file.path, firstLine: firstLine(of: file.bytes)) }
      return source
    }
    let inSource = Set(given.compactMap(\.inSource))
    let found = layout.questions.filter { !inSource.contains($0.path) }
    do throws(PreparationError) {
      let choice = try QuestionChoice(given: named, found: found, withoutAnnotations: request.hasNoAnnotations)
      let rest =
        named.isEmpty ? [] : found.compactMap { choice.isTaken($0.path) ? nil : "\($0.path): questions, not read" }
      return (choice.taken, choice.passedOver + rest)
    } catch {
      guard named.isEmpty, !layout.captions.isEmpty else { throw error }
      return ([], ["\(error)"])
    }
  }

  private static func tables(
    _ request: PreparationRequest, _ layout: SourceLayout, _ given: [GivenFile], at path: String
  ) throws -> [CaptionFile] {
    guard let roles = request.columns else { return [] }
    let named = try given.map { file in
      let text = try PlainText(file.bytes, path: file.path)
      let delimiter = request.captionTable.delimiter ?? text.delimiter
      guard let table = RoleTable(roles, text.bytes, delimiter: delimiter) else {
        throw PreparationError.noColumn(roles, [.init(file.path, text.bytes, delimiter)], at: path)
      }
      var read = CaptionFile.table(text.bytes, table, path: file.name)
      read.folder = parentFolder(of: file.name)
      return read
    }
    let tables = named.isEmpty ? layout.tables : named
    if tables.isEmpty { throw PreparationError.noColumn(roles, layout.headings, at: path) }
    return tables
  }
}

extension QuestionChoice {
  /// Whether a file is among those that are read.
  fileprivate func isTaken(_ path: String) -> Bool { taken.contains { $0.path == path } || annotated.contains(path) }
}

/// The heading of a table that has not all the columns that are wanted.
struct TableHeading {
  let path: String
  /// Cut at each delimiter that may be meant.
  let cuts: [[String]]

  init(_ path: String, _ bytes: [UInt8], _ delimiter: CaptionDelimiter?) {
    self.path = path
    cuts = (delimiter.map { [$0] } ?? CaptionDelimiter.allCases).map { RoleTable.heading(bytes, $0) }
  }
}
