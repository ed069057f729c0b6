internal import Batching

/// One row of a table whose columns have roles.
struct RoleRow {
  let table: RoleTable
  private let fields: [[UInt8]]

  init(_ fields: [[UInt8]], _ table: RoleTable) { (self.fields, self.table) = (fields, table) }

  /// A cell as a text; nil where it is empty.
  func cell(_ place: Int) throws(TextFault) -> String? {
    let raw = try text(of: fields[place][...]).get()
    return trimmed(raw).isEmpty ? nil : try columnText(raw, table.heading[place])
  }

  /// What a cell holds: several where it is a list, as JSON, Python or numpy writes it.
  func cells(_ place: Int) throws(TextFault) -> [String] {
    guard let text = try cell(place) else { return [] }
    let list = try ListCell.captions(text) ?? [text]
    var values: [String] = []
    for value in list where !trimmed(value).isEmpty { values.append(try columnText(value, table.heading[place])) }
    return values
  }

  /// The only column of a role; nil where the role has none, or the cell is empty.
  func only(_ role: ColumnRoles.Role) throws(TextFault) -> String? {
    guard let place = table.places(of: role).first else { return nil }
    return try cell(place)
  }

  /// What samples are made of: one file, or the frames of a video, in order, where the cell is a list.
  func files(_ subject: ColumnRoles.Role) throws(TextFault) -> [String] {
    guard let place = table.places(of: subject).first else { return [] }
    guard subject == .image else { return try cell(place).map { [$0] } ?? [] }
    return try cells(place)
  }

  func has(_ role: ColumnRoles.Role) -> Bool { !table.places(of: role).isEmpty }
}

extension CaptionFile {
  /// Takes what one row says; each column by itself, so that what is missing in one costs no other.
  mutating func take(_ row: RoleRow, at place: RowPlace) {
    do throws(TextFault) {
      let subject = row.has(.image) ? ColumnRoles.Role.image : .audio
      let frames = try row.files(subject)
      guard let name = frames.first else { return reject(.columnRow, at: place, "it names no \(subject.word)") }
      guard show(name, Array(frames.dropFirst())) else {
        return reject(.columnRow, at: place, "behind its first frame it has others than an earlier row", subject: name)
      }
      mention(name, split: try row.only(.split))
      if subject == .image, row.has(.audio) {
        if let clip = try row.only(.audio) {
          hear(name, clip, at: place)
        } else {
          miss(name, at: place, "it has no audio")
        }
      }
      var columns = SampleColumns()
      try takeQuestion(row, of: name, at: place, into: &columns)
      try takeBox(row, of: name, at: place, into: &columns)
      try takeTexts(row, of: name, at: place, into: &columns)
      describe(name, columns, at: place)
      try takeCaptions(row, of: name, at: place)
    } catch {
      reject(.columnRow, at: place, error.reason)
    }
  }

  private mutating func takeQuestion(
    _ row: RoleRow, of name: String, at place: RowPlace, into columns: inout SampleColumns
  ) throws(TextFault) {
    guard row.has(.question) else { return }
    var answers: [String] = []
    for column in row.table.places(of: .answer) { answers += try row.cells(column) }
    guard let text = try row.only(.question) else {
      if answers.isEmpty { return miss(name, at: place, "it has no question") }
      return reject(.missingQuestion, at: place, "it has an answer and no question", subject: name)
    }
    if answers.isEmpty { miss(name, at: place, "its question has no answer") }
    var kinds: [String: String] = [:]
    for (kind, column) in row.table.named({ if case .kind(let name) = $0 { name } else { nil } }) {
      if let value = try row.cell(column) { kinds[kind] = value }
    }
    columns.questions = [Question(text: text, answers: answers, kinds: kinds, id: try row.only(.id))]
  }

  private mutating func takeBox(
    _ row: RoleRow, of name: String, at place: RowPlace, into columns: inout SampleColumns
  ) throws(TextFault) {
    guard row.has(.phrase) else { return }
    let roles: [ColumnRoles.Role] = [.x, .y, .width, .height]
    var cells: [String] = []
    for role in roles { if let cell = try row.only(role) { cells.append(cell) } }
    let phrase = try row.only(.phrase)
    if phrase == nil, cells.isEmpty { return miss(name, at: place, "it has no box") }
    guard let phrase, cells.count == roles.count else {
      return reject(.columnRow, at: place, "its box lacks the phrase or a number", subject: name)
    }
    columns.boxes = [try PhraseBox(phrase, cells.map(Double.init))]
  }

  private mutating func takeTexts(
    _ row: RoleRow, of name: String, at place: RowPlace, into columns: inout SampleColumns
  ) throws(TextFault) {
    for (label, column) in row.table.named({ if case .label(let name) = $0 { name } else { nil } }) {
      let classes = try row.cells(column)
      if classes.isEmpty {
        miss(name, at: place, "it has no label \(label)")
      } else {
        columns.labels[label, default: []] += classes
      }
    }
    for (text, column) in row.table.named({ if case .text(let name) = $0 { name } else { nil } }) {
      columns.texts[text] = try row.cell(column)
      if columns.texts[text] == nil { miss(name, at: place, "it has no text \(text)") }
    }
    if row.has(.group) {
      columns.group = try row.only(.group)
      if columns.group == nil { miss(name, at: place, "it has no group") }
    }
  }

  private mutating func takeCaptions(_ row: RoleRow, of name: String, at place: RowPlace) throws(TextFault) {
    guard row.has(.caption) else { return }
    var captions: [String] = []
    for column in row.table.places(of: .caption) { captions += try row.cells(column) }
    if captions.isEmpty { miss(name, at: place, "it has no caption") }
    for caption in captions { add(caption, to: name, at: place) }
  }
}

extension PhraseBox {
  /// Whether it has words, and numbers that make a box.
  var isSound: Bool {
    (try? columnText(phrase, "phrase")) != nil && [x, y, width, height].allSatisfy(\.isFinite) && width > 0
      && height > 0
  }

  /// - Throws: `TextFault` where the four are not finite numbers, or make no box.
  init(_ phrase: String, _ numbers: [Double?]) throws(TextFault) {
    let sound = numbers.compactMap(\.self).filter(\.isFinite)
    guard numbers.count == 4, sound.count == 4 else { throw TextFault("its box is not four numbers") }
    guard sound[2] > 0, sound[3] > 0 else { throw TextFault("its box is \(sound[2]) wide and \(sound[3]) high") }
    self.init(phrase: phrase, x: sound[0], y: sound[1], width: sound[2], height: sound[3])
  }
}
