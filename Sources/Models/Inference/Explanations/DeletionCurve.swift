internal import Randomness

/// How the score falls while parts of the input are taken away, the most relevant first: a map that knows what the score comes from
/// makes it fall sooner than a random order does (Petsiuk et al., "RISE", 2018, §4.2; Chefer et al., 2021, §4, positive
/// perturbation).
public struct DeletionCurve: Sendable, Equatable {
  /// How many parts are gone at each point, none at first.
  public let removed: [Int]
  /// How many there are.
  public let parts: Int
  /// The scores in the order of the map.
  public let scores: [Float]
  /// The same for random orders, a curve each.
  public let random: [[Float]]

  /// The mean of the random curves.
  public var randomMean: [Float] {
    removed.indices.map { point in random.reduce(0) { $0 + $1[point] } / Float(max(random.count, 1)) }
  }

  /// The areas under the curves over the share that is gone: the mean score on the way.
  public var area: Float { area(scores) }
  public var randomArea: Float { area(randomMean) }
  public var randomAreas: [Float] { random.map(area) }

  private func area(_ scores: [Float]) -> Float {
    let sum = removed.indices.dropFirst().reduce(Float(0)) {
      $0 + Float(removed[$1] - removed[$1 - 1]) * (scores[$1] + scores[$1 - 1]) / 2
    }
    return sum / Float(parts)
  }

  /// - Parameters:
  ///   - relevance: of each part.
  ///   - steps: points of the curve at most, the first not counted.
  ///   - draws: random orders. They are functions of their number and that of the parts alone.
  ///   - scores: of the input without each of these sets of parts.
  package init(
    relevance: [Float], steps: Int, draws: Int, scores: (_ without: [[Int]]) throws -> [Float]
  ) rethrows {
    let parts = relevance.count
    precondition(parts > 0, "there is nothing to take away")
    let points = min(steps, parts)
    let removed = (0...points).map { ($0 * parts + points / 2) / points }
    let order = relevance.indices.sorted { (relevance[$1], $0) < (relevance[$0], $1) }
    let orders = [order] + (0..<draws).map { Self.randomOrder(of: parts, draw: $0) }
    // All curves begin with the same input, and end with the same one.
    let inner = removed.dropFirst().dropLast()
    let ends = try scores([[], order])
    let between = try scores(orders.flatMap { order in inner.map { Array(order.prefix($0)) } })
    let curves = orders.indices.map { curve in
      ends.prefix(1) + between[curve * inner.count..<(curve + 1) * inner.count] + ends.dropFirst()
    }
    (self.removed, self.parts) = (removed, parts)
    self.scores = Array(curves[0])
    random = curves.dropFirst().map { Array($0) }
  }

  private static func randomOrder(of parts: Int, draw: Int) -> [Int] {
    var (order, random) = (Array(0..<parts), RandomStream(seed: 0, .deletionOrder, UInt64(draw)))
    random.shuffle(&order)
    return order
  }
}
