/// What a file of other columns than captions is read as.
package enum ColumnFileKind {
  /// Questions, or answers to those of the same bytes.
  case questions
  case boxes
  case table(ColumnRoles)
}

/// Reads one such file as `prepare` does, without a source around it.
///
/// - Throws: `PreparationError` for what is no such file.
package func columnFiles(_ bytes: [UInt8], path: String, kind: ColumnFileKind) throws -> [CaptionFile] {
  switch kind {
  case .boxes: return [try .boxes(bytes, path: path)]
  case .table(let roles):
    guard let table = RoleTable(roles, bytes, delimiter: nil) else {
      throw PreparationError.noColumn(roles, [TableHeading(path, bytes, nil)], at: path)
    }
    return [.table(bytes, table, path: path)]
  case .questions:
    let source = try QuestionSource.read(bytes, path: path, choice: CaptionTableChoice(), isPhoto: { _ in true })
    return switch source {
    case nil: []
    case .whole(let file): [file]
    case .questions(let questions): CaptionFile.vqa([questions], [])
    case .annotations(let annotations):
      CaptionFile.vqa([VQAQuestions(path: path, subset: nil, items: [])], [annotations])
    }
  }
}
