/// Several texts side by side. Of all tokens that could come next, twice as many as beams are looked at, the best sums first; a
/// text that ends among the first `count` is finished and leaves, the best others go on. It is over once no text that goes on
/// can become better than the worst of `count` finished ones: Σ ln p only falls, so that the bound is exact. Equal scores are
/// ordered by tokens. So does transformers with `early_stopping="never"`.
struct BeamSearch: TextSearch {
  private(set) var running: [Hypothesis]
  private var finished: [(score: Double, text: WrittenText)] = []
  private let rules: TokenRules
  private let count: Int
  private let given: Int

  init(_ start: Hypothesis, _ rules: TokenRules, count: Int) {
    (running, self.rules, self.count, given) = ([start], rules, count, start.tokens.count)
  }

  private struct Candidate {
    let parent: Int
    let text: Hypothesis
  }

  mutating func advance(_ rows: NextTokenRows) -> [Int] {
    let candidates = candidates(rows)
    var going: [Candidate] = []
    for (place, candidate) in candidates.enumerated() {
      let tokens = candidate.text.tokens
      if !rules.ends(tokens[tokens.count - 1], at: tokens.count) {
        going.append(candidate)
      } else if place < count {
        finish(candidate.text)
      }
    }
    going = Array(going.prefix(count))
    if isOver(going) { going = [] }
    running = going.map(\.text)
    return going.map(\.parent)
  }

  private func candidates(_ rows: NextTokenRows) -> [Candidate] {
    let all = running.enumerated().flatMap { parent, text in
      rows.best(2 * count, row: parent, except: rules.forbidden(after: text.tokens)).map { token in
        Candidate(parent: parent, text: text.adding(token, rows.logProbability(token, row: parent)))
      }
    }
    let sorted = all.sorted {
      Hypothesis.isBefore(($0.text.logProbability, $0.text.tokens), ($1.text.logProbability, $1.text.tokens))
    }
    return Array(sorted.prefix(2 * count))
  }

  private mutating func finish(_ text: Hypothesis) {
    let made = WrittenText(
      tokens: text.tokens, given: given, logProbability: text.logProbability, isClosed: text.tokens.last == rules.stop)
    finished.append((made.score(lengthReward: rules.settings.lengthReward), made))
    finished.sort { Hypothesis.isBefore(($0.score, $0.text.tokens), ($1.score, $1.text.tokens)) }
    if finished.count > count { finished.removeLast() }
  }

  private func isOver(_ going: [Candidate]) -> Bool {
    guard let best = going.first, finished.count == count, let worst = finished.last else { return going.isEmpty }
    return bound(best.text, isExact: rules.settings.isExact) <= worst.score
  }

  /// The best score that a text can end with, or that it has: as if all that comes were certain. A sum below 0 weighs least when it is divided by
  /// most, or multiplied by least.
  private func bound(_ text: Hypothesis, isExact: Bool) -> Double {
    let reward = rules.settings.lengthReward
    let length = !isExact ? text.tokens.count : reward > 0 ? rules.settings.maximumLength : text.tokens.count + 1
    return WrittenText.score(text.logProbability, length - given, reward)
  }

  var result: WrittenText {
    // Where every token was forbidden nothing ends by itself.
    finished.first?.text
      ?? WrittenText(
        tokens: running.first?.tokens ?? [], given: given, logProbability: running.first?.logProbability ?? 0,
        isClosed: false)
  }
}
