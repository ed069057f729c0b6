internal import Randomness
internal import Tokenization

/// Training texts that lack some of their words, others in each epoch: never all of them.
public struct WordDrop: Equatable, Sendable {
  /// The probability of each word, in 0 ..< 1.
  public var probability: Float

  public init(probability: Float) {
    precondition((0..<1).contains(probability), "a probability of \(probability)")
    self.probability = probability
  }

  public static let none = WordDrop(probability: 0)
}

extension WordDrop {
  /// A text without some of its words, which white space parts; where all would be dropped one of them stays.
  func callAsFunction(_ text: String, _ random: inout RandomStream) -> String {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard probability > 0, words.count > 1 else { return text }
    let kept = words.filter { _ in random.uniform() >= probability }
    return kept.isEmpty
      ? String(words[random.integer(below: words.count)])
      : kept.count == words.count ? text : kept.joined(separator: " ")
  }
}

extension SampleMaker {
  /// Texts as training reads them: seed, epoch, sample and text decide.
  /// - Parameter name: of texts of a column of its own.
  func encode(_ texts: ArraySlice<String>, dropping name: String = "", _ task: SampleTask) -> EncodedTexts {
    guard wordDrop != .none else { return encode(texts) }
    var made = encode(texts)
    made.ids = texts.indices.map { number in
      var random = RandomStream(
        seed: seed, .droppedWords, UInt64(task.epoch), UInt64(task.index), textIdentity(name), UInt64(number))
      return tokenizer.encode(wordDrop(texts[number], &random), limit: contextLength)
    }
    return made
  }
}
