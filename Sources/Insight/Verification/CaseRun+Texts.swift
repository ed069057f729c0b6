internal import Models

extension CaseRun {
  /// `input.input_ids` [B, T] without what `input.attention_mask` [B, T] hides, which may be the end of each text.
  func packedTexts(for result: String) throws -> PackedText {
    let name = "input.input_ids"
    let text = model.description.texts
    let shape = try shape(name, [nil, nil], for: result)
    let ids = try integers(name, [nil, nil], in: 0..<text.vocabularySize, for: result)
    let lengths = try textLengths(shape, for: result)
    if let longest = lengths.max(), longest > text.contextLength {
      throw mistaken(name, "holds a text of \(longest) tokens, and the model reads at most \(text.contextLength)")
    }
    return PackedText(
      lengths.enumerated().map { row, length in ids[row * shape[1]..<row * shape[1] + length].map { Int32($0) } })
  }

  /// How many tokens each text has; all of them where no mask is there.
  func textLengths(_ shape: [Int], for result: String) throws -> [Int] {
    let name = "input.attention_mask"
    guard has(name) else { return [Int](repeating: shape[1], count: shape[0]) }
    let mask = try integers(name, shape, in: 0..<2, for: result)
    return try (0..<shape[0]).map { row in
      let line = mask[row * shape[1]..<(row + 1) * shape[1]]
      let length = line.reduce(0, +)
      guard length > 0, line.prefix(length).allSatisfy({ $0 == 1 }) else {
        throw mistaken(name, "hides more than the end of text \(row): fill texts up behind their last token")
      }
      return length
    }
  }
}
