/// A question about a photo, with what people answered.
public struct Question: Codable, Equatable, Sendable {
  public var text: String
  /// One an annotator, so that equal answers come as often as they were given; none where nobody answered, as in the test
  /// sets of challenges.
  public var answers: [String]
  /// Names of groups for tables, by what the source calls the grouping: `answer_type`, `question_type`.
  public var kinds: [String: String]
  /// As the source numbers it.
  public var id: String?
  /// What else the source says; kept, not interpreted.
  public var details: JSONValue?

  public init(
    text: String, answers: [String] = [], kinds: [String: String] = [:], id: String? = nil, details: JSONValue? = nil
  ) {
    (self.text, self.answers, self.kinds, self.id, self.details) = (text, answers, kinds, id, details)
  }

  enum CodingKeys: String, CodingKey {
    case text = "question"
    case answers, kinds, id, details
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    text = try container.decode(String.self, forKey: .text)
    answers = try container.decodeIfPresent([String].self, forKey: .answers) ?? []
    kinds = try container.decodeIfPresent([String: String].self, forKey: .kinds) ?? [:]
    id = try container.decodeIfPresent(String.self, forKey: .id)
    details = try container.decodeIfPresent(JSONValue.self, forKey: .details)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(text, forKey: .text)
    if !answers.isEmpty { try container.encode(answers, forKey: .answers) }
    if !kinds.isEmpty { try container.encode(kinds, forKey: .kinds) }
    try container.encodeIfPresent(id, forKey: .id)
    try container.encodeIfPresent(details, forKey: .details)
  }
}

/// A part of a photo and the words for it.
public struct PhraseBox: Equatable, Sendable {
  public var phrase: String
  /// In pixels of the photo as it is shown, from its upper left corner.
  public var x: Double
  public var y: Double
  public var width: Double
  public var height: Double

  public init(phrase: String, x: Double, y: Double, width: Double, height: Double) {
    (self.phrase, self.x, self.y, self.width, self.height) = (phrase, x, y, width, height)
  }
}

extension PhraseBox: Codable {
  enum CodingKeys: String, CodingKey { case phrase, box }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    phrase = try container.decode(String.self, forKey: .phrase)
    let numbers = try container.decode([Double].self, forKey: .box)
    guard numbers.count == 4 else {
      throw DecodingError.dataCorruptedError(
        forKey: .box, in: container, debugDescription: "x, y, width and height are wanted")
    }
    (x, y, width, height) = (numbers[0], numbers[1], numbers[2], numbers[3])
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(phrase, forKey: .phrase)
    try container.encode([x, y, width, height], forKey: .box)
  }
}

/// What a record says about its photo beside captions; what is empty is absent.
public struct SampleColumns: Equatable, Sendable {
  public var questions: [Question] = []
  /// Classes by the name of their kind.
  public var labels: [String: [String]] = [:]
  /// Texts that are no captions, by their names.
  public var texts: [String: String] = [:]
  public var boxes: [PhraseBox] = []
  /// Whom or what the photo is of or by: splits do not divide it.
  public var group: String?

  public init() {}

  public var isEmpty: Bool { self == SampleColumns() }
}

extension SampleColumns {
  /// The columns' keys in a record.
  enum CodingKeys: String, CodingKey { case questions, labels, texts, boxes, group }

  /// Reads those of the columns that are wanted; the others are not turned into values.
  init(_ container: KeyedDecodingContainer<CodingKeys>, wanted: ColumnSet) throws {
    func value<Value: Decodable>(_ key: CodingKeys, where isWanted: (Column) -> Bool) throws -> Value? {
      wanted.columns.contains(where: isWanted) ? try container.decodeIfPresent(Value.self, forKey: key) : nil
    }
    questions = try value(.questions) { $0 == .questions } ?? []
    labels = try value(.labels) { if case .labels = $0 { true } else { false } } ?? [:]
    texts = try value(.texts) { if case .text = $0 { true } else { false } } ?? [:]
    labels = labels.filter { wanted.contains(.labels($0.key)) }
    texts = texts.filter { wanted.contains(.text($0.key)) }
    boxes = try value(.boxes) { $0 == .boxes } ?? []
    group = try value(.group) { $0 == .group }
  }

  /// Reads all of them.
  init(_ container: KeyedDecodingContainer<CodingKeys>) throws {
    questions = try container.decodeIfPresent([Question].self, forKey: .questions) ?? []
    labels = try container.decodeIfPresent([String: [String]].self, forKey: .labels) ?? [:]
    texts = try container.decodeIfPresent([String: String].self, forKey: .texts) ?? [:]
    boxes = try container.decodeIfPresent([PhraseBox].self, forKey: .boxes) ?? []
    group = try container.decodeIfPresent(String.self, forKey: .group)
  }

  func encode(to container: inout KeyedEncodingContainer<CodingKeys>) throws {
    if !questions.isEmpty { try container.encode(questions, forKey: .questions) }
    if !labels.isEmpty { try container.encode(labels, forKey: .labels) }
    if !texts.isEmpty { try container.encode(texts, forKey: .texts) }
    if !boxes.isEmpty { try container.encode(boxes, forKey: .boxes) }
    try container.encodeIfPresent(group, forKey: .group)
  }
}
