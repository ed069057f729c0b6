/// How one text is found. A file each; `DecodingSettings.Search` lists them.
protocol TextSearch {
  /// The texts that are gone on with; empty once the search is over.
  var running: [Hypothesis] { get }
  /// Takes what the model says of these, and goes on with them.
  /// - Returns: which text each of those that go on comes from.
  mutating func advance(_ rows: NextTokenRows) -> [Int]
  var result: WrittenText { get }
}

extension DecodingSettings {
  /// - Parameters:
  ///   - tokens: that the text begins with.
  ///   - name: of the text, for random choices.
  func search(_ tokens: [Int32], stop: Int32, name: UInt64) -> any TextSearch {
    let (start, rules) = (Hypothesis(tokens: tokens), TokenRules(settings: self, stop: stop))
    return switch search {
    case .greedy: GreedySearch(start, rules)
    case .beams(let count): BeamSearch(start, rules, count: count)
    case .nucleus(let mass, let temperature, let seed):
      NucleusSearch(start, rules, mass: mass, temperature: temperature, path: (seed, name))
    }
  }
}

/// One text that takes a token a step, until one closes it or it is full.
struct SingleText {
  private(set) var hypothesis: Hypothesis
  private(set) var isOver = false
  private(set) var isClosed = false
  let given: Int
  let rules: TokenRules

  init(_ start: Hypothesis, _ rules: TokenRules) {
    (hypothesis, given, self.rules) = (start, start.tokens.count, rules)
  }

  var running: [Hypothesis] { isOver ? [] : [hypothesis] }

  /// Nil where no token may come: then it is cut.
  mutating func add(_ token: Int32?, _ rows: NextTokenRows) -> [Int] {
    guard let token else {
      isOver = true
      return []
    }
    hypothesis = hypothesis.adding(token, rows.logProbability(token, row: 0))
    isClosed = token == rules.stop
    isOver = rules.ends(token, at: hypothesis.tokens.count)
    return isOver ? [] : [0]
  }

  var result: WrittenText {
    WrittenText(
      tokens: hypothesis.tokens, given: given, logProbability: hypothesis.logProbability, isClosed: isClosed)
  }
}

/// The likeliest token, step by step.
struct GreedySearch: TextSearch {
  private var text: SingleText

  init(_ start: Hypothesis, _ rules: TokenRules) { text = SingleText(start, rules) }

  var running: [Hypothesis] { text.running }
  var result: WrittenText { text.result }

  mutating func advance(_ rows: NextTokenRows) -> [Int] {
    let forbidden = text.rules.forbidden(after: text.hypothesis.tokens)
    return text.add(rows.best(1, row: 0, except: forbidden).first, rows)
  }
}
