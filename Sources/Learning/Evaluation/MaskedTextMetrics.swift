public import Collectives
internal import Foundation

/// How well a model tells what masked words were.
public struct MaskedTextMetrics: Codable, Equatable, Sendable {
  /// Percent of the masked tokens whose most likely token is the right one.
  public var accuracy: Double
  /// e to the mean of -log p of the right token: how many tokens it is as hard as choosing among.
  public var perplexity: Double
  /// How many tokens were masked.
  public var tokens: Int

  /// What one process has seen.
  public struct Sums: Sendable {
    public var tokens = 0
    public var right = 0
    /// Of -log p.
    public var costs = 0.0

    public init() {}

    /// Adds a token's logits.
    public mutating func add(_ logits: some RandomAccessCollection<Float>, target: Int) {
      let largest = logits.max() ?? 0
      let sum = logits.reduce(0.0) { $0 + exp(Double($1 - largest)) }
      let own = logits[logits.index(logits.startIndex, offsetBy: target)]
      tokens += 1
      right += own == largest ? 1 : 0
      costs += log(sum) - Double(own - largest)
    }
  }

  /// From the tokens that this process has seen; every rank gets the same result. Nil where there was nothing to mask.
  public init?(_ own: Sums, communicator: some Communicator) throws {
    var counts = [Int64(own.tokens), Int64(own.right)]
    try counts.withUnsafeMutableBufferPointer {
      try communicator.allReduce($0, .sum, "masked tokens of the evaluation")
    }
    var costs = [own.costs]
    try costs.withUnsafeMutableBufferPointer { try communicator.allReduce($0, .sum, "costs of masked tokens") }
    guard counts[0] > 0 else { return nil }
    tokens = Int(counts[0])
    accuracy = 100 * Double(counts[1]) / Double(counts[0])
    perplexity = exp(costs[0] / Double(counts[0]))
  }
}
