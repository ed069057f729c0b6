internal import Evaluation
internal import Models
internal import Tokenization

/// Texts as rows of numbers, in which they come from other ranks: the tokens, how many of them were given, Σ ln p, and 1 where something closed
/// it. Ids are far smaller than what a number holds exactly.
struct TextRows {
  let tokenizer: any Tokenizer
  let maximumLength: Int
  /// Tokens behind the one that opens a text that are no part of what is told.
  var untold = 0

  /// Numbers of a text.
  var width: Int { maximumLength + 3 }

  func row(_ text: WrittenText) -> [Float] {
    let free = maximumLength - text.tokens.count
    return text.tokens.map { Float($0) } + [Float](repeating: -1, count: free)
      + [Float(text.given), Float(text.logProbability), text.isClosed ? 1 : 0]
  }

  /// What a row stands for.
  func text(_ row: ArraySlice<Float>) -> ToldText {
    let ids = row.prefix(maximumLength).filter { $0 >= 0 }.map { Int32($0) }
    let (rest, isClosed) = (Array(row.suffix(3)), row.last == 1)
    return ToldText(
      words: tokenizer.decode(Array(ids.dropFirst(1 + untold).dropLast(isClosed ? 1 : 0))),
      logProbability: Double(rest[1]),
      tokens: ids.count - Int(rest[0]), isCut: !isClosed)
  }
}
