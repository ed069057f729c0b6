internal import Randomness

/// Texts with one word changed, so that they say something else in the same form: a word's place is taken by one that stands between the same
/// two neighbours in another text. What is only said otherwise, as "photo" for "picture", cannot be told from what is not so.
public struct Foils {
  private let texts: [[String]]
  /// By the words before and after.
  private let between: [Context: Set<String>]

  private struct Context: Hashable {
    let before: String
    let after: String

    /// Beside the first and the last word nothing stands.
    init(_ words: [String], _ place: Int) {
      before = place > 0 ? words[place - 1].lowercased() : ""
      after = place + 1 < words.count ? words[place + 1].lowercased() : ""
    }
  }

  /// - Parameter texts: of a split; nil for a sample without.
  public init(_ texts: [String?]) {
    self.texts = texts.map { ($0 ?? "").split(separator: " ").map { String($0) } }
    between = self.texts.reduce(into: [:]) { between, words in
      for place in words.indices { between[Context(words, place), default: []].insert(words[place].lowercased()) }
    }
  }

  /// Nil for a text of which no word has another in its place, and for none.
  /// - Parameter others: texts of the same sample, whose words are none that could be wrong.
  public func foil(of text: Int, besides others: [String] = []) -> String? {
    let words = texts[text]
    let known = Set((others.flatMap { $0.split(separator: " ").map { String($0) } } + words).map { $0.lowercased() })
    let changes = words.indices.flatMap { place in
      (between[Context(words, place)] ?? []).subtracting(known).sorted().map { (place, $0) }
    }
    guard !changes.isEmpty else { return nil }
    var random = RandomStream(seed: 0, .foils, UInt64(text))
    let (place, word) = changes[random.integer(below: changes.count)]
    var changed = words
    changed[place] = word
    return changed.joined(separator: " ")
  }
}
