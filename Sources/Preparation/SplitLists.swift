/// Which split each photo is in, as one source of splits says it, and what was wrong with it.
struct SplitAssignment {
  /// Where it comes from, in words.
  let source: String
  private(set) var problems: [Problem] = []
  private var splits: [String: String] = [:]
  /// Names in the order in which they were first listed.
  private(set) var names: [String] = []

  init(source: String) { self.source = source }

  var isEmpty: Bool { names.isEmpty }

  /// The split of a photo; lists often leave the extension off.
  subscript(name: String) -> String? {
    splits[name] ?? name.lastIndex(of: ".").flatMap { splits[String(name[..<$0])] }
  }

  /// Assigns a photo; one that is in two splits is in none, and a problem.
  mutating func assign(_ name: String, _ word: String, place: String) {
    guard let split = canonicalSplit(word) else {
      return note(.splitRow, name, place, "“\(word)” cannot name a split")
    }
    guard let earlier = splits[name] else {
      splits[name] = split
      names.append(name)
      return
    }
    if earlier != split {
      note(.severalSplits, name, place, "it is in \(earlier) and in \(split)")
      splits[name] = SplitAssignment.conflict
    }
  }

  mutating func note(_ kind: Problem.Kind, _ name: String, _ place: String, _ detail: String) {
    if kind == .severalSplits, splits[name] == SplitAssignment.conflict { return }
    problems.append(Problem(kind: kind, subject: name, place: place, detail: detail))
  }

  /// Stands for the split of a photo that is in several.
  static let conflict = "?"
}

extension SplitAssignment {
  /// Reads lists of photo names, one file a split.
  ///
  /// - Parameter lists: the files' paths for messages, the splits that their names speak of, and their bytes.
  static func lists(_ lists: [(path: String, split: String, bytes: [UInt8])]) -> SplitAssignment {
    var assignment = SplitAssignment(source: "lists " + lists.map(\.path).joined(separator: ", "))
    for list in lists {
      for line in TextLines(list.bytes) where !line.bytes.isEmpty {
        let place = "\(list.path):\(line.number)"
        switch text(of: line.bytes) {
        case .success(let name): assignment.assign(trimmed(name), list.split, place: place)
        case .failure(let fault): assignment.note(.splitRow, "", place, fault.reason)
        }
      }
    }
    return assignment
  }

  /// Reads one file that says the split of each photo: Karpathy JSON, a table with the columns photo and split, or lines
  /// of `NAME<TAB or comma>SPLIT`.
  ///
  /// - Throws: `PreparationError.unknownSplitLayout`, `.unreadableJSON` or `.unreadableText`.
  static func file(_ raw: [UInt8], path: String) throws -> SplitAssignment {
    let bytes = try PlainText(raw, path: path).bytes
    if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
      return SplitAssignment(captions: try CaptionFile.json(bytes, path: path))
    }
    let heading = firstLine(of: bytes)
    guard
      let separator = [UInt8(ascii: "\t"), UInt8(ascii: ","), UInt8(ascii: ";")].first(where: heading.utf8.contains)
    else { throw PreparationError.unknownSplitLayout(path: path, firstLine: heading) }
    var assignment = SplitAssignment(source: "split file \(path)")
    var columns: (name: Int, split: Int)?
    for row in SeparatedValues(bytes, separator: separator) {
      let place = "\(path):\(row.line)"
      guard case .success(let fields) = row.fields else {
        assignment.note(.splitRow, "", place, "the row cannot be read")
        continue
      }
      let cells = fields.map { trimmed(String(decoding: $0, as: UTF8.self)) }
      guard let known = columns else {
        columns = try splitColumns(cells, path: path, heading: heading)
        if cells.contains(where: { $0.lowercased() == "split" }) { continue }
        assignment.assign(cells[columns?.name ?? 0], cells[columns?.split ?? 1], place: place)
        continue
      }
      if cells.count > max(known.name, known.split) {
        assignment.assign(cells[known.name], cells[known.split], place: place)
      } else {
        assignment.note(.splitRow, cells.first ?? "", place, "the row has no split")
      }
    }
    return assignment
  }

  /// The splits that a caption file states.
  init(captions: CaptionFile) {
    self.init(source: "\(captions.layout.name) \(captions.path)")
    for name in captions.names {
      for split in captions[name]?.splits ?? [] { assign(name, split, place: captions.path) }
    }
  }

  /// The columns of photo and split: by the heading, or, where the first row is none, the one that names a split.
  private static func splitColumns(
    _ cells: [String], path: String, heading: String
  ) throws -> (name: Int, split: Int) {
    let lower = cells.map { $0.lowercased() }
    if let split = lower.firstIndex(of: "split"),
      let name = lower.firstIndex(where: {
        ["image", "image_name", "filename", "file_name", "file", "photo"].contains($0)
      })
    {
      return (name, split)
    }
    let known = ["train", "validation", "test"]
    guard cells.count == 2, let split = cells.firstIndex(where: { canonicalSplit($0).map(known.contains) ?? false })
    else { throw PreparationError.unknownSplitLayout(path: path, firstLine: heading) }
    return (1 - split, split)
  }
}
