/// Learns a byte-level BPE vocabulary from captions, under CLIP's rules for text.
///
/// Ids: 256 bytes, 256 bytes that end a word, one token a merge in the order of the merges, `<|startoftext|>`,
/// `<|endoftext|>` – the end token has the largest id, as CLIP's pooling needs. Each merge joins the pair that is most
/// frequent then; among equally frequent pairs the one whose left, then right token comes first in the order of bytes
/// (inside a word before at its end). So the order of the captions has no effect, and one set makes one file.
public struct BPETrainer: Sendable {
  /// The 512 byte tokens and the two special ones.
  public static let minimumVocabularySize = 514

  private let vocabularySize: Int
  private let minimumFrequency: Int

  /// - Parameters:
  ///   - vocabularySize: how many tokens to end with at most, at least `minimumVocabularySize`.
  ///   - minimumFrequency: pairs that occur less often are not merged, even if the vocabulary stays smaller.
  public init(vocabularySize: Int, minimumFrequency: Int = 2) {
    self.vocabularySize = vocabularySize
    self.minimumFrequency = max(1, minimumFrequency)
  }

  /// - Throws: `TokenizerError.vocabularyTooSmall`.
  public func train(captions: some Sequence<String>) throws -> ByteLevelBPE {
    guard vocabularySize >= Self.minimumVocabularySize else {
      throw TokenizerError.vocabularyTooSmall(requested: vocabularySize, minimum: Self.minimumVocabularySize)
    }
    var learner = MergeLearner(words: countWords(captions))
    while learner.tokens.count < vocabularySize - 2, learner.learnMerge(minimumFrequency: minimumFrequency) {}
    return try ByteLevelBPE(definition(learner))
  }

  /// Every distinct word with its count, in the order of bytes.
  private func countWords(_ captions: some Sequence<String>) -> [(word: [UInt8], count: Int)] {
    var counts: [[UInt8]: Int] = [:]
    for caption in captions {
      let utf8 = CaptionText.normalize(Array(caption.utf8))
      CaptionText.forEachWord(in: utf8) { word in
        counts[Array(utf8[word]), default: 0] += 1
        return true
      }
    }
    return counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, $0.value) }
  }

  private func definition(_ learner: MergeLearner) -> BPEDefinition {
    let tokens = learner.tokens.map { ByteSymbols.write($0.bytes, endsWord: $0.endsWord) }
    let specials = [ByteLevelBPE.startText, ByteLevelBPE.endText].enumerated().map { (tokens.count + $0, $1) }
    return BPEDefinition(
      file: "trained tokenizer",
      vocabulary: tokens.enumerated().map { ($0.element, $0.offset) } + specials.map { ($0.1, $0.0) },
      merges: learner.merges.map { (tokens[$0.left], tokens[$0.right]) },
      added: specials.map { ($0.1, $0.0, false) },
      start: NamedToken(text: ByteLevelBPE.startText), end: NamedToken(text: ByteLevelBPE.endText),
      unknown: ByteLevelBPE.endText)
  }
}
