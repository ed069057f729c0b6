/// What was decided about a table: its delimiter, its heading and the columns that matter.
struct TableForm {
  let delimiter: CaptionDelimiter
  /// What the columns are called; empty where the first row is data.
  let heading: [String]
  let photo: Int
  /// One or more, in the order of the table.
  let captions: [Int]
  var number: Int?
  var split: Int?
  /// Whether quotes mean anything; they are letters in lines between tabs or bars without a heading.
  var isQuoted = true
  /// Whether the last caption is the rest of the line, whatever stands in it.
  var takesRest = false
  /// Fields of a row.
  let width: Int

  /// What a column is called in reports.
  func name(_ column: Int) -> String { heading.isEmpty ? "\(column + 1)" : heading[column] }

  /// The columns that are passed over, in words; empty where there are none.
  var unread: String {
    let read = [photo, number, split].compactMap(\.self) + captions
    let others = (0..<width).filter { !read.contains($0) && name($0) != "" }
    return others.isEmpty ? "" : (others.count == 1 ? "column " : "columns ") + some(others.map(name), limit: 8)
  }

  /// How telling the heading is about captions, 0 the most; tables without one tell least.
  var rank: Int { heading.isEmpty ? .max : ColumnNames.rank(heading[captions[0]]) ?? ColumnNames.caption.count }
}

/// The first rows of a table, cut at one delimiter.
struct TableSample {
  let delimiter: CaptionDelimiter
  /// Without rows that cannot be read.
  let rows: [[String]]
  /// Whether a text names a photo, by its form or because there is such a photo.
  let isPhoto: (String) -> Bool

  var first: [String] { rows.first ?? [] }

  init(
    _ bytes: [UInt8], _ delimiter: CaptionDelimiter, isQuoted: Bool = true, isPhoto: @escaping (String) -> Bool
  ) {
    (self.delimiter, self.isPhoto) = (delimiter, isPhoto)
    rows = SeparatedValues(bytes, separator: delimiter.byte, isQuoted: isQuoted).prefix(50).compactMap { row in
      try? row.fields.get().map { String(decoding: $0.prefix(200), as: UTF8.self) }
    }
  }

  /// What a column holds below the heading.
  func cells(_ column: Int) -> [String] {
    rows.dropFirst().compactMap { $0.indices.contains(column) ? trimmed($0[column]) : nil }
  }

  /// Whether most of a column's fields below the heading name photos.
  func holdsPhotos(_ column: Int) -> Bool {
    let filled = cells(column).filter { !$0.isEmpty }
    return !filled.isEmpty && filled.count(where: isPhoto) * 2 >= filled.count
  }
}

extension TableForm {
  /// Finds the form of a table.
  ///
  /// - Parameter isPhoto: whether a text names a photo.
  /// - Throws: `TextFault` where neither a heading nor the first rows tell: what the table looks like, and what is missing.
  static func of(
    _ bytes: [UInt8], choice: CaptionTableChoice, isPhoto: @escaping (String) -> Bool
  ) throws(TextFault) -> TableForm {
    let delimiters = choice.delimiter.map { [$0] } ?? CaptionDelimiter.allCases
    let samples = delimiters.map { TableSample(bytes, $0, isPhoto: isPhoto) }
    if let columns = choice.columns {
      let forms = samples.compactMap { chosen(columns, $0) }
      if let found = forms.first(where: \.namesPhotos) ?? forms.first {
        return found.form.heading.isEmpty ? found.form.takingRest(bytes) : found.form
      }
    } else {
      for sample in samples {
        guard var form = try headed(sample) else { continue }
        if form.delimiter == .tab || form.delimiter == .bar { form.isQuoted = !hasQuotesAsLetters(bytes, form) }
        return form
      }
      for delimiter in [CaptionDelimiter.tab, .bar, .semicolon, .comma] where samples.contains(delimiter) {
        let isQuoted = delimiter == .comma || delimiter == .semicolon
        let sample = TableSample(bytes, delimiter, isQuoted: isQuoted, isPhoto: isPhoto)
        if let form = try bare(sample, isQuoted) { return form }
      }
    }
    throw TextFault(whatIsSeen(bytes, samples, choice))
  }

  /// By what the first row calls its columns.
  private static func headed(_ sample: TableSample) throws(TextFault) -> TableForm? {
    let names = sample.first.map(ColumnNames.plain)
    func column(_ wanted: [String]) -> Int? { wanted.lazy.compactMap { names.firstIndex(of: $0) }.first }
    let photos = ColumnNames.photo.compactMap { names.firstIndex(of: $0) }
    guard let photo = photos.first(where: sample.holdsPhotos) ?? photos.first else { return nil }
    guard let captions = try captionColumns(sample, names, except: photo) else { return nil }
    return TableForm(
      delimiter: sample.delimiter, heading: sample.first.map { trimmed($0) }, photo: photo, captions: captions,
      number: column(ColumnNames.number), split: column(["split"]), width: sample.first.count)
  }

  /// Whether a quote begins a field that does not end with it: between tabs and bars nobody needs quotes, and many write
  /// captions as they are.
  private static func hasQuotesAsLetters(_ bytes: [UInt8], _ form: TableForm) -> Bool {
    let quote = UInt8(ascii: "\"")
    return SeparatedValues(bytes, separator: form.delimiter.byte, isQuoted: false).contains { row in
      guard case .success(let fields) = row.fields, fields.count == form.width else { return false }
      return fields.contains { $0.first == quote && ($0.count < 2 || $0.last != quote) }
    }
  }

  /// The columns that are called captions and hold words; where none holds any, those with the most telling name.
  private static func captionColumns(
    _ sample: TableSample, _ names: [String], except photo: Int
  ) throws(TextFault) -> [Int]? {
    let kinds = ColumnNames.caption.map { ColumnNames.numbered($0, in: names).filter { $0 != photo } }.filter {
      !$0.isEmpty
    }
    if let best = kinds.first(where: { Wording($0.flatMap(sample.cells)).isWords }) ?? kinds.first { return best }
    let varied = ColumnNames.varied(in: names).filter { $0 != photo && Wording(sample.cells($0)).isWords }
    guard varied.count > 1 else { return varied.isEmpty ? nil : varied }
    let columns = varied.map { "“\(trimmed(sample.first[$0]))”" }.joined(separator: ", ")
    throw TextFault("its columns \(columns) all look like captions")
  }

  /// Rows without a heading: a photo's name and a caption, perhaps the caption's number between them.
  private static func bare(_ sample: TableSample, _ isQuoted: Bool) throws(TextFault) -> TableForm? {
    let rows = sample.rows.map { $0.map { trimmed($0) } }
    guard let first = rows.first, first.count >= 2, sample.isPhoto(first[0]) else { return nil }
    let sound = rows.filter { $0.count >= 2 && sample.isPhoto($0[0]) }
    guard sound.count * 2 >= rows.count else { return nil }
    let isNumbered = sound.allSatisfy { $0.count >= 3 && captionNumber($0[1]) != nil }
    let width = isNumbered ? 3 : 2
    if isQuoted, first.count != width {
      let name = sample.delimiter.rawValue
      throw TextFault(
        "without a heading its rows must be a photo's name, a \(name) and a caption, but its first row has "
          + "\(first.count) fields: put captions that hold a \(name) in double quotes, or say --caption-columns "
          + "1,\(width) to take the rest of the line as the caption")
    }
    return TableForm(
      delimiter: sample.delimiter, heading: [], photo: 0, captions: [width - 1], number: isNumbered ? 1 : nil,
      isQuoted: isQuoted, takesRest: !isQuoted, width: width)
  }
}

extension [TableSample] {
  func contains(_ delimiter: CaptionDelimiter) -> Bool { contains { $0.delimiter == delimiter } }
}
