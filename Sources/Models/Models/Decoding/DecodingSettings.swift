/// How a text is gone on with. Lengths count all tokens of a text: the one that opens it, those it begins with, and the one that
/// closes it.
public struct DecodingSettings: Sendable, Equatable {
  /// How the next token is chosen.
  public enum Search: Sendable, Equatable {
    /// The likeliest one.
    case greedy
    /// So many texts are gone on with side by side, and the best of all counts.
    case beams(Int)
    /// One is drawn of the likeliest that together have the probability `mass` (Holtzman et al., "The Curious Case of Neural Text
    /// Degeneration", 2020), after logits were divided by the temperature.
    case nucleus(mass: Double, temperature: Double, seed: UInt64)
  }

  public var search: Search
  /// Most tokens of a text. One that nothing has closed by then is cut.
  public var maximumLength: Int
  /// Tokens that a text has before it may be closed.
  public var minimumLength = 0
  /// α: a text's score is Σ ln p / nᵅ over the n tokens that were written, the closing one counted. 0 favours short texts, 1 is
  /// the mean, more favours long ones. Beams alone compare texts.
  public var lengthReward = 1.0
  /// Whether beams go on until nothing better can come. Otherwise they end once the best text that goes on, as long as it is now, is
  /// no better than the worst finished one: what transformers does where nobody says `early_stopping="never"`, and what may miss
  /// the best.
  public var isExact = true
  /// So many tokens in a row never come twice in a text; 0 allows all.
  public var blockedRepetition = 0
  /// Logits of tokens that a text has already are divided by it where they are positive, multiplied where they are negative
  /// (Keskar et al., "CTRL", 2019, §4.1); 1 changes nothing.
  public var repetitionPenalty = 1.0

  public init(_ search: Search = .greedy, maximumLength: Int = 20) {
    (self.search, self.maximumLength) = (search, maximumLength)
  }

  /// What makes it unusable; nil where texts can be written so.
  /// - Parameters:
  ///   - contextLength: most tokens of a text that the model knows.
  ///   - prompt: tokens of the longest text that is gone on with.
  public func flaw(contextLength: Int, prompt: Int = 1) -> String? {
    if maximumLength > contextLength {
      return "texts of at most \(maximumLength) tokens, and the model knows \(contextLength) places; ask for fewer"
    }
    if prompt >= maximumLength {
      return
        "texts that begin with \(prompt) tokens and have at most \(maximumLength); shorten the prompt, or allow longer texts"
    }
    if !(0...maximumLength).contains(minimumLength) {
      return
        "at least \(minimumLength) tokens and at most \(maximumLength); the fewest have to be no more than the most"
    }
    return searchFlaw ?? rulesFlaw
  }

  private var searchFlaw: String? {
    switch search {
    case .greedy: nil
    case .beams(let count): (1...64).contains(count) ? nil : "\(count) beams; 1 to 64 are possible"
    case .nucleus(let mass, let temperature, _):
      !(mass > 0 && mass <= 1)
        ? "a nucleus of probability \(mass); more than 0 and at most 1 is possible"
        : !(temperature > 0 && temperature.isFinite) ? "a temperature of \(temperature); it has to be above 0" : nil
    }
  }

  private var rulesFlaw: String? {
    if !lengthReward.isFinite { return "a length reward of \(lengthReward), which is no number" }
    if blockedRepetition < 0 { return "repetitions of \(blockedRepetition) tokens; name a number from 0 on" }
    return repetitionPenalty > 0 && repetitionPenalty.isFinite
      ? nil : "a repetition penalty of \(repetitionPenalty); it has to be above 0, and 1 changes nothing"
  }
}

/// A text that a model has written.
public struct WrittenText: Sendable, Equatable {
  /// All of it: the token that opens it, what it was to begin with, what was written, and the token that closes it.
  public var tokens: [Int32]
  /// How many of these were given.
  public let given: Int
  /// Σ ln p over the tokens that were written, before any was forbidden.
  public var logProbability: Double
  /// Whether a token closed it; else it was cut.
  public var isClosed: Bool

  /// - Parameter given: how many of the tokens.
  public init(tokens: [Int32], given: Int, logProbability: Double, isClosed: Bool) {
    (self.tokens, self.given, self.logProbability, self.isClosed) = (tokens, given, logProbability, isClosed)
  }

  /// Tokens that were written.
  public var written: ArraySlice<Int32> { tokens[given...] }

  /// Σ ln p / nᵅ.
  public func score(lengthReward: Double) -> Double { Self.score(logProbability, written.count, lengthReward) }

  /// - Parameter count: n
  package static func score(_ logProbability: Double, _ count: Int, _ reward: Double) -> Double {
    logProbability / power(Double(max(count, 1)), reward)
  }
}
