internal import Foundation

/// Choices as numbers that are gathered from ranks: number, logit and probability of each, -1 where there are no more.
enum Told {
  static let numbers = 3

  static func likeliest(_ count: Int, of logits: ArraySlice<Float>, isExclusive: Bool) -> [Float] {
    let highest = logits.max() ?? 0
    let sum = logits.reduce(0.0) { $0 + exp(Double($1 - highest)) }
    let best = largest(logits, count)
    let told = best.flatMap { number -> [Float] in
      let logit = logits[logits.startIndex + number]
      let probability = isExclusive ? exp(Double(logit - highest)) / sum : 1 / (1 + exp(-Double(logit)))
      return [Float(number), logit, Float(probability)]
    }
    return told + [Float](repeating: -1, count: count * numbers - told.count)
  }

  static func choices(_ told: ArraySlice<Float>, _ texts: (Int) -> String) -> [Choice] {
    stride(from: told.startIndex, to: told.endIndex, by: numbers).filter { told[$0] >= 0 }.map {
      let number = Int(told[$0])
      return Choice(number: number, text: texts(number), logit: told[$0 + 1], probability: told[$0 + 2])
    }
  }
}
