internal import Glibc
internal import TensorEngine

func power(_ base: Double, _ exponent: Double) -> Double { exponent == 1 ? base : pow(base, exponent) }

/// A text that is being written: its tokens, and Σ ln p of those that were written.
struct Hypothesis {
  var tokens: [Int32]
  var logProbability = 0.0

  func adding(_ token: Int32, _ logProbability: Double) -> Hypothesis {
    Hypothesis(tokens: tokens + [token], logProbability: self.logProbability + logProbability)
  }

  /// Whether it comes first: the likelier one, and of equal ones that whose tokens are smaller.
  static func isBefore(_ a: (score: Double, tokens: [Int32]), _ b: (score: Double, tokens: [Int32])) -> Bool {
    a.score != b.score ? a.score > b.score : a.tokens.lexicographicallyPrecedes(b.tokens)
  }
}

/// What the model says of the next token of the texts of one search, a row each.
struct NextTokenRows {
  typealias Row = UnsafeBufferPointer<Float>

  let rows: [Row]
  /// ln Σ exp of each.
  let normalizers: ArraySlice<Float>

  init(_ logits: UnsafeBufferPointer<Float>, columns: Int, _ range: Range<Int>, normalizers: [Float]) {
    rows = range.map { Row(rebasing: logits[$0 * columns..<($0 + 1) * columns]) }
    self.normalizers = normalizers[range]
  }

  /// ln p
  func logProbability(_ token: Int32, row: Int) -> Double {
    Double(rows[row][Int(token)]) - Double(normalizers[normalizers.startIndex + row])
  }

  /// The likeliest tokens of a row, the likeliest first and of equal ones the smaller; fewer where all others are forbidden.
  func best(_ count: Int, row: Int, except forbidden: Set<Int32>) -> [Int32] {
    let logits = rows[row]
    var found: [Int32] = []
    var lowest = -Float.infinity
    for (index, logit) in logits.enumerated() where found.count < count || logit > lowest {
      let token = Int32(truncatingIfNeeded: index)
      guard forbidden.isEmpty || !forbidden.contains(token) else { continue }
      if found.count == count { found.removeLast() }
      let place = found.lastIndex { logits[Int($0)] >= logit }.map { $0 + 1 } ?? 0
      found.insert(token, at: place)
      lowest = logits[Int(found[found.count - 1])]
    }
    return found
  }

  /// The token at which the probabilities, one after the other, come to more than a share of all: drawn as the model says, without any
  /// order among them.
  func drawn(_ share: Double, row: Int) -> Int32? {
    let normalizer = Double(normalizers[normalizers.startIndex + row])
    var left = share
    let found = rows[row].firstIndex { logit in
      left -= exp(Double(logit) - normalizer)
      return left < 0
    }
    // What rounding leaves over.
    return found.map { Int32(truncatingIfNeeded: $0) } ?? best(1, row: row, except: []).first
  }

  /// Those of the likeliest that together have a share of the probability, and one more where there would be none: the likeliest
  /// first, with e^(logit − largest) each.
  func nucleus(_ mass: Double, row: Int, temperature: Double, except forbidden: Set<Int32>) -> [(
    token: Int32, weight: Double
  )] {
    let (logits, allowed) = (rows[row], { (token: Int) in forbidden.isEmpty || !forbidden.contains(Int32(token)) })
    let largest = Double(logits.indices.reduce(-Float.infinity) { allowed($1) ? max($0, logits[$1]) : $0 })
    let weight = { (token: Int) in exp((Double(logits[token]) - largest) / temperature) }
    let total = logits.indices.reduce(0.0) { allowed($1) ? $0 + weight($1) : $0 }
    // Few have nearly all of it: more are looked at only where those are not enough.
    for gap in [4.0, 8, 16, .infinity] {
      let near = logits.indices.filter { allowed($0) && (largest - Double(logits[$0])) / temperature <= gap }
      let some = near.map { (token: Int32($0), weight: weight($0)) }
      guard gap == .infinity || some.reduce(0, { $0 + $1.weight }) >= mass * total else { continue }
      let sorted = some.sorted { $0.weight != $1.weight ? $0.weight > $1.weight : $0.token < $1.token }
      var reached = 0.0
      return Array(
        sorted.prefix { candidate in
          defer { reached += candidate.weight }
          return reached < mass * total
        })
    }
    return []
  }
}
