/// A text that a model has written, as it is told.
public struct ToldText: Sendable, Equatable {
  public var words: String
  /// Σ ln p over the tokens that were written.
  public var logProbability: Double
  /// Tokens that were written, the closing one counted.
  public var tokens: Int
  /// Whether the most tokens that a text may have ended it.
  public var isCut: Bool

  public init(words: String, logProbability: Double, tokens: Int, isCut: Bool) {
    (self.words, self.logProbability, self.tokens, self.isCut) = (words, logProbability, tokens, isCut)
  }

  /// ln p of a token, on average.
  public var meanLogProbability: Double { logProbability / Double(max(tokens, 1)) }
}

/// What many texts come to, of which none is kept.
public struct WrittenCounts: Sendable, Equatable {
  public private(set) var texts = 0
  public private(set) var tokens = 0
  /// Texts that the most tokens of one have ended.
  public private(set) var cut = 0

  public init(_ texts: some Sequence<ToldText> = []) { for text in texts { add(text) } }

  public mutating func add(_ text: ToldText) {
    texts += 1
    tokens += text.tokens
    cut += text.isCut ? 1 : 0
  }
}

/// A text that a model has written of a sample of a split, beside people's.
public struct WrittenSample: Sendable, Equatable {
  /// Of the sample in the split.
  public var place: Int
  public var name: String
  public var text: ToldText
  public var references: [String]
  /// How good it is beside these; nil where nobody asked.
  public var scores: CaptionScores?

  public init(place: Int, name: String, text: ToldText, references: [String]) {
    (self.place, self.name, self.text, self.references) = (place, name, text, references)
  }
}

/// How good one caption is; the figures of many are the means of these.
public struct CaptionScores: Sendable, Equatable {
  /// CIDEr-D, from 0 to 10; nil where it is not defined.
  public var cider: Double?
  /// ROUGE-L, a share of 1.
  public var rougeL: Double

  public init(cider: Double?, rougeL: Double) { (self.cider, self.rougeL) = (cider, rougeL) }
}
