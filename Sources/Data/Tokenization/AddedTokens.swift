/// A token that is looked for in the text as a whole, before it is split into words.
struct AddedToken: Sendable, Equatable {
  let content: [UInt8]
  let id: Int32
  /// Whether it is looked for in the normalised text rather than in the text as it came.
  let isNormalized: Bool
}

/// Finds added tokens in text: the leftmost, and of those the longest.
struct AddedTokens: Sendable {
  private let tokens: [AddedToken]
  /// Whether any token begins with this byte.
  private let begins: [Bool]

  init(_ tokens: [AddedToken]) {
    self.tokens = tokens.sorted { $0.content.count > $1.content.count }
    var begins = [Bool](repeating: false, count: 256)
    for token in tokens { token.content.first.map { begins[Int($0)] = true } }
    self.begins = begins
  }

  /// What a text consists of, in order.
  enum Part {
    case text(Range<Int>)
    case token(Int32)
  }

  /// Cuts the text at its added tokens; empty stretches of text are left out.
  func split(_ utf8: [UInt8]) -> [Part] {
    var parts: [Part] = []
    var start = 0
    var position = 0
    while position < utf8.count {
      guard begins[Int(utf8[position])], let token = token(in: utf8, at: position) else {
        position += 1
        continue
      }
      if start < position { parts.append(.text(start..<position)) }
      parts.append(.token(token.id))
      position += token.content.count
      start = position
    }
    if start < position { parts.append(.text(start..<position)) }
    return parts
  }

  private func token(in utf8: [UInt8], at position: Int) -> AddedToken? {
    tokens.first { utf8[position...].starts(with: $0.content) }
  }
}
