internal import Models
internal import Tokenization

/// A text as a model reads it, and its words: tokens that belong together.
struct TextWords {
  let ids: [Int32]
  /// The places of each word's tokens among the ids.
  let words: [Range<Int>]
  let isCut: Bool
  private let tokenizer: any Tokenizer

  init(_ text: String, _ tokenizer: any Tokenizer, contextLength: Int) {
    self.tokenizer = tokenizer
    let body = tokenizer.encodeBody(text, limit: contextLength - 1)
    isCut = body.count > contextLength - 2
    ids = [tokenizer.startToken] + body.prefix(contextLength - 2) + [tokenizer.endToken]
    words = tokenizer.maskingVocabulary.words(of: ids[...])
  }

  /// As the tokenizer spells it.
  func text(of word: Int) -> String { tokenizer.decode(Array(ids[words[word]])) }

  /// All but some of the words.
  func without(_ gone: [Int]) -> [Int32] {
    let places = Set(gone.flatMap { Array(words[$0]) })
    return ids.indices.filter { !places.contains($0) }.map { ids[$0] }
  }

  /// A word by itself.
  func alone(_ word: Int) -> [Int32] { [tokenizer.startToken] + ids[words[word]] + [tokenizer.endToken] }
}
