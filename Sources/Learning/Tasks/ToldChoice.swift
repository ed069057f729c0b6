internal import Foundation
internal import Reporting

/// One of several things that may be told.
private struct ToldChoice {
  let number: Int
  let text: String
  let probability: Double
  let logit: Float

  func json(as name: String) -> OrderedJSON {
    .object([
      (name, .text(text)), ("number", .integer(number)), ("probability", .float(Float(probability))),
      ("logit", .float(logit)),
    ])
  }
}

/// A choice as a person reads it.
package func choiceLine(_ probability: Double, _ text: String) -> String {
  let percent = decimals(100 * probability, 2) + " %"
  return String(repeating: " ", count: max(0, 10 - percent.count)) + percent + "  " + printable(text)
}

extension TaskPrediction {
  /// The likeliest of some things, the first of equally likely ones first.
  /// - Parameters:
  ///   - list: what they are called together, and `name` one of them.
  ///   - isExclusive: whether one leaves no room for another: a softmax, and not a sigmoid each.
  init(_ list: String, _ name: String, _ logits: [Float], names: [String], isExclusive: Bool, top: Int) {
    let probabilities = isExclusive ? softmax(logits) : sigmoids(logits)
    let choices = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }.prefix(top).map { number in
      ToldChoice(number: number, text: names[number], probability: probabilities[number], logit: logits[number])
    }
    self.init(
      members: [(list, .list(choices.map { $0.json(as: name) }))],
      lines: choices.map { choiceLine($0.probability, $0.text) })
    bars = [choices.map { ($0.text, $0.probability) }]
  }
}

/// Shares that add up to one.
private func softmax(_ logits: [Float]) -> [Double] {
  let highest = logits.max() ?? 0
  let powers = logits.map { exp(Double($0 - highest)) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}

/// The probability of each by itself.
private func sigmoids(_ logits: [Float]) -> [Double] { logits.map { 1 / (1 + exp(-Double($0))) } }
