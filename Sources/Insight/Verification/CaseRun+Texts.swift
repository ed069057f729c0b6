internal import Models

extension CaseRun {
  static let textInputs = ["input.input_ids", "input.attention_mask", types]
  /// Of each token [B, T]; for a model that knows none it is the first.
  private static let types = "input.token_type_ids"

  /// `input.input_ids` [B, T] without what `input.attention_mask` [B, T] hides, which may be the end of each text; or another
  /// array of ids, and its mask.
  func packedTexts(
    _ name: String = "input.input_ids", mask: String = "input.attention_mask", for result: String
  ) throws -> PackedText {
    let text = model.description.texts
    let shape = try shape(name, [nil, nil], for: result)
    let ids = try integers(name, [nil, nil], in: 0..<text.vocabularySize, for: result)
    let lengths = try lengths(mask, of: ("text", "token"), shape, for: result)
    let types = name == "input.input_ids" ? try tokenTypes(shape, for: result) : nil
    if let longest = lengths.max(), longest > text.contextLength {
      throw mistaken(name, "holds a text of \(longest) tokens, and the model reads at most \(text.contextLength)")
    }
    let places = lengths.enumerated().flatMap { row, length in row * shape[1]..<row * shape[1] + length }
    return PackedText(
      ids: places.map { Int32(ids[$0]) }, offsets: lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) },
      types: types.map { types in places.map { Int32(types[$0]) } })
  }

  private func tokenTypes(_ shape: [Int], for result: String) throws -> [Int]? {
    guard has(Self.types) else { return nil }
    return try integers(Self.types, shape, in: 0..<(model.description.texts.tokenTypes), for: result)
  }

  static let taskInputs = ["input.task_ids"]

  /// `input.task_ids` [B, 1], for a model that has tokens of tasks; nil where nobody names any.
  func tasks(
    of texts: Int, _ model: any TextModel, for result: String
  ) throws -> (model: any TaskTokenModel, tasks: [Int])? {
    let name = Self.taskInputs[0]
    guard has(name), let model = model as? any TaskTokenModel, let count = model.taskTokens else { return nil }
    return (model, try integers(name, [texts, 1], in: 0..<count, for: result))
  }

  /// How many tokens each text has.
  func textLengths(_ shape: [Int], for result: String) throws -> [Int] {
    try lengths("input.attention_mask", of: ("text", "token"), shape, for: result)
  }

  /// How many slots of each row a mask leaves; all of them where it is not there.
  /// - Parameter what: a row, and what is in a slot.
  func lengths(_ name: String, of what: (row: String, slot: String), _ shape: [Int], for result: String) throws -> [Int]
  {
    guard has(name) else { return [Int](repeating: shape[1], count: shape[0]) }
    let mask = try integers(name, shape, in: 0..<2, for: result)
    return try (0..<shape[0]).map { row in
      let line = mask[row * shape[1]..<(row + 1) * shape[1]]
      let length = line.reduce(0, +)
      guard length > 0, line.prefix(length).allSatisfy({ $0 == 1 }) else {
        throw mistaken(
          name, "hides more than the end of \(what.row) \(row): fill \(what.row)s up behind their last \(what.slot)")
      }
      return length
    }
  }
}
