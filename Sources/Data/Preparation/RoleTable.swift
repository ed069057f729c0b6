internal import Batching
internal import Reporting

/// A table whose columns have roles, with their places.
struct RoleTable {
  let delimiter: CaptionDelimiter
  let heading: [String]
  private let places: [(role: ColumnRoles.Role, place: Int)]
  /// Whether quotes mean anything.
  let isQuoted = true

  /// The places of a role's columns.
  func places(of role: ColumnRoles.Role) -> [Int] { places.filter { $0.role == role }.map(\.place) }

  /// The named roles of one kind with their places, in the order of the caller.
  func named(_ name: (ColumnRoles.Role) -> String?) -> [(name: String, place: Int)] {
    places.compactMap { role, place in name(role).map { ($0, place) } }
  }

  /// Nil where no delimiter gives a heading with all the columns.
  init?(_ roles: ColumnRoles, _ bytes: [UInt8], delimiter: CaptionDelimiter?) {
    for delimiter in delimiter.map({ [$0] }) ?? CaptionDelimiter.allCases {
      let heading = Self.heading(bytes, delimiter)
      guard roles.unknown(in: heading) == nil else { continue }
      let names = heading.map(ColumnNames.plain)
      var places = roles.assignments.compactMap { assignment in
        ColumnRoles.place(assignment.column, in: names).map { (role: assignment.role, place: $0) }
      }
      if roles.columns(.split).isEmpty, let split = names.firstIndex(of: "split"),
        !places.contains(where: { $0.place == split })
      {
        places.append((.split, split))
      }
      (self.delimiter, self.heading, self.places) = (delimiter, heading, places)
      return
    }
    return nil
  }

  /// The first row, cut at a delimiter.
  static func heading(_ bytes: [UInt8], _ delimiter: CaptionDelimiter) -> [String] {
    var rows = SeparatedValues(bytes, separator: delimiter.byte)
    let fields = try? rows.next()?.fields.get()
    return (fields ?? []).map { trimmed(String(decoding: $0.prefix(200), as: UTF8.self)) }
  }

  /// The columns that have no role, in words; empty where there are none.
  var unread: String {
    let read = Set(places.map(\.place))
    let others = heading.indices.filter { !read.contains($0) && heading[$0] != "" }.map { heading[$0] }
    return others.isEmpty ? "" : (others.count == 1 ? "column " : "columns ") + some(others, limit: 8)
  }
}

extension ColumnRoles {
  /// The place of a column by its name, or by its place from 1.
  static func place(_ column: String, in names: [String]) -> Int? {
    names.firstIndex(of: ColumnNames.plain(column))
      ?? Int(column).flatMap { names.indices.contains($0 - 1) ? $0 - 1 : nil }
  }

  /// The first column that a heading does not have.
  func unknown(in heading: [String]) -> Assignment? {
    let names = heading.map(ColumnNames.plain)
    return assignments.first { Self.place($0.column, in: names) == nil }
  }

  /// How many of the columns a heading has.
  func known(in heading: [String]) -> Int {
    let names = heading.map(ColumnNames.plain)
    return assignments.count { Self.place($0.column, in: names) != nil }
  }
}

extension CaptionFile {
  /// Reads a table whose columns have roles.
  static func table(_ bytes: [UInt8], _ table: RoleTable, layout: CaptionLayout = .columns, path: String) -> CaptionFile
  {
    var file = CaptionFile(path: path, layout: layout)
    var rows = SeparatedValues(bytes, separator: table.delimiter.byte)
    _ = rows.next()
    while let row = rows.next() {
      let place = RowPlace.line(row.line)
      switch row.fields {
      case .failure(let fault): file.reject(.columnRow, at: place, fault.reason)
      case .success(let fields) where fields.allSatisfy(\.isEmpty): file.emptyRows += 1
      case .success(let fields) where fields.count < table.heading.count:
        file.reject(.columnRow, at: place, "\(fields.count) fields, the heading has \(table.heading.count)")
      case .success(let fields) where fields[table.heading.count...].contains { !$0.isEmpty }:
        file.reject(
          .columnRow, at: place,
          "\(fields.count) fields, the heading has \(table.heading.count); a field that holds a \(table.delimiter.rawValue) "
            + "must stand in double quotes")
      case .success(let fields): file.take(RoleRow(fields, table), at: place)
      }
    }
    if !table.unread.isEmpty { file.notes.append("\(path): not read: \(table.unread)") }
    return file
  }

  /// A table with a heading in which a question, its answer and a photo have columns; nil for other tables.
  static func questionTable(
    _ bytes: [UInt8], path: String, delimiter: CaptionDelimiter?, isPhoto: @escaping (String) -> Bool
  ) -> CaptionFile? {
    for delimiter in delimiter.map({ [$0] }) ?? CaptionDelimiter.allCases {
      let sample = TableSample(bytes, delimiter, isPhoto: isPhoto)
      let names = sample.first.map(ColumnNames.plain)
      let photos = ColumnNames.photo.filter { $0 != "id" }.compactMap { names.firstIndex(of: $0) }
      guard names.contains("question"), let answer = names.first(where: { $0 == "answer" || $0 == "answers" }),
        let photo = photos.first(where: sample.holdsPhotos) ?? photos.first
      else { continue }
      let roles =
        [(ColumnRoles.Role.image, names[photo]), (.question, "question"), (.answer, answer)]
        + ["question_id", "qid"].filter(names.contains).prefix(1).map { (.id, $0) }
        + names.filter { $0.hasSuffix("_type") }.map { (.kind($0), $0) }
      let known = ColumnRoles(roles.map { .init(role: $0.0, column: $0.1) })
      guard let table = RoleTable(known, bytes, delimiter: delimiter) else { continue }
      return .table(bytes, table, layout: .questionTable, path: path)
    }
    return nil
  }
}
