/// One kind of what a sample holds: its photo, its captions, its questions, … Any sample may lack any of them.
///
/// Labels and texts come under names of their own, as `label:finding` and `text:report`; a name is what the data call it.
public enum Column: Hashable, Sendable {
  case image, captions, questions
  /// Classes of one kind, as `label:finding`.
  case labels(String)
  /// A text that is no caption, as `text:report`.
  case text(String)
  case boxes, regions, audio
  /// What a split must not divide: a patient, a photographer.
  case group

  /// The columns that have no names of their own, as manifests and tasks call them.
  private static let plain: [(name: String, column: Column)] = [
    ("image", .image), ("captions", .captions), ("questions", .questions), ("boxes", .boxes), ("regions", .regions),
    ("audio", .audio), ("group", .group),
  ]

  /// Reads what `name` writes; nil for what is no column.
  public init?(_ name: String) {
    if let known = Self.plain.first(where: { $0.name == name }) {
      self = known.column
    } else if name.hasPrefix("label:"), name.utf8.count > 6 {
      self = .labels(String(name.dropFirst(6)))
    } else if name.hasPrefix("text:"), name.utf8.count > 5 {
      self = .text(String(name.dropFirst(5)))
    } else {
      return nil
    }
  }

  /// The column as manifests, messages and tasks call it.
  public var name: String {
    switch self {
    case .labels(let name): "label:" + name
    case .text(let name): "text:" + name
    default: Self.plain.first { $0.column == self }?.name ?? ""
    }
  }

  /// How data with this column are prepared, for a reader whose data lack it.
  var advice: String {
    switch self {
    case .image: "prepare photos with `mmtrain prepare --images`"
    case .captions: "prepare the data with --captions FILE"
    case .questions: "prepare the data with --questions FILE (and --annotations FILE)"
    case .labels(let name): "prepare the data from a table with --columns image=…,label:\(name)=…"
    case .text(let name): "prepare the data from a table with --columns image=…,text:\(name)=…"
    case .boxes: "prepare the data with --boxes FILE"
    case .regions: "prepare the data with --regions PATH"
    case .audio: "prepare clips with `mmtrain prepare --images`, or a table with --columns audio=…"
    case .group: "prepare the data from a table with --columns image=…,group=…"
    }
  }
}

extension Column: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let column = Column(name) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no column")
    }
    self = column
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}

extension Column: Comparable {
  /// The order in which columns are listed: the photo first, named ones by the bytes of their names.
  public static func < (a: Column, b: Column) -> Bool {
    a.rank == b.rank ? a.name.utf8.lexicographicallyPrecedes(b.name.utf8) : a.rank < b.rank
  }

  private var rank: Int {
    switch self {
    case .image: 0
    case .captions: 1
    case .questions: 2
    case .labels: 3
    case .text: 4
    case .boxes: 5
    case .regions: 6
    case .audio: 7
    case .group: 8
    }
  }
}
