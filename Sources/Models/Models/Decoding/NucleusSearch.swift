internal import Randomness

/// A token that is drawn of the likeliest, step by step. Which one, the seed, the text's name and the step decide: neither other
/// texts nor the order of work.
struct NucleusSearch: TextSearch {
  private var text: SingleText
  private let mass: Double
  private let temperature: Double
  private let path: (seed: UInt64, name: UInt64)

  init(
    _ start: Hypothesis, _ rules: TokenRules, mass: Double, temperature: Double, path: (seed: UInt64, name: UInt64)
  ) {
    text = SingleText(start, rules)
    (self.mass, self.temperature, self.path) = (mass, temperature, path)
  }

  var running: [Hypothesis] { text.running }
  var result: WrittenText { text.result }

  mutating func advance(_ rows: NextTokenRows) -> [Int] {
    let tokens = text.hypothesis.tokens
    let forbidden = text.rules.forbidden(after: tokens)
    var random = RandomStream(seed: path.seed, .writtenTokens, path.name, UInt64(tokens.count))
    let share = Double(random.uniform())
    if mass == 1, temperature == 1, forbidden.isEmpty { return text.add(rows.drawn(share, row: 0), rows) }
    let nucleus = rows.nucleus(mass, row: 0, temperature: temperature, except: forbidden)
    var left = share * nucleus.reduce(0) { $0 + $1.weight }
    let drawn = nucleus.first { candidate in
      left -= candidate.weight
      return left < 0
    }
    return text.add((drawn ?? nucleus.last)?.token, rows)
  }
}
