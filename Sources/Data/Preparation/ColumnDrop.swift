public import Batching

/// A column that a share of the samples is to lose.
public struct ColumnDrop: Equatable, Sendable {
  public let column: Column
  /// 0 … 1
  public let share: Double

  public init(column: Column, share: Double) { (self.column, self.share) = (column, share) }

  /// Reads `image=0.5,text:report=0.3`.
  /// - Throws: `Flaw`, in words.
  public static func read(_ text: String) throws(Flaw) -> [ColumnDrop] {
    var drops: [ColumnDrop] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let equals = part.lastIndex(of: "=") else {
        throw Flaw(words: "“\(part)” has no share; write COLUMN=SHARE, for instance image=0.5")
      }
      let (name, share) = (String(part[..<equals]), Double(part[part.index(after: equals)...]))
      guard let column = Column(name), column.canBeDropped else {
        throw Flaw(
          words:
            "“\(name)” is no column that a sample can be without; image, captions, questions, audio and text:NAME are")
      }
      guard let share, (0...1).contains(share) else {
        throw Flaw(
          words: "the share of \(name) must be a number from 0 to 1, not “\(part[part.index(after: equals)...])”")
      }
      guard !drops.contains(where: { $0.column == column }) else { throw Flaw(words: "\(name) is there twice") }
      drops.append(ColumnDrop(column: column, share: share))
    }
    return drops
  }

  public struct Flaw: Error {
    public let words: String
  }
}

extension Column {
  /// Whether it is something that is looked at, of which something else can take the place. Regions and boxes go with their photo.
  var canBeDropped: Bool {
    switch self {
    case .image, .captions, .questions, .text, .audio: true
    case .labels, .boxes, .regions, .group: false
    }
  }
}

extension SampleRecord {
  /// What of it is looked at.
  /// - Parameter hasPhoto: whether it has one.
  func lookedAt(hasPhoto: Bool) -> [Column] {
    (hasPhoto ? [.image] : []) + (captions.isEmpty ? [] : [.captions]) + (columns.questions.isEmpty ? [] : [.questions])
      + columns.texts.keys.sorted().map { .text($0) } + (clip == nil ? [] : [.audio])
  }

  /// The same without a column.
  mutating func drop(_ column: Column) {
    switch column {
    case .captions: captions = []
    case .questions: columns.questions = []
    case .text(let name): columns.texts[name] = nil
    case .image: columns.boxes = []
    case .audio, .labels, .boxes, .regions, .group: break
    }
  }
}
