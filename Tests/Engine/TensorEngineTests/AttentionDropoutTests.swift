import Randomness
import TensorEngine
import TestSupport
import Testing

/// Attention that drops a part of its probabilities.
@Suite struct AttentionDropoutTests {
  private static let segments = AttentionSegments(offsets: [0, 90, 93])
  private static let (heads, width) = (2, 192)

  private func dropping(_ engine: Engine, rate: Float, _ step: Int = 0) -> Tape {
    Tape(engine, dropout: rate > 0 ? DropoutMasks(seed: 4, step: step) : nil)
  }

  private func normal(_ count: Int, _ seed: UInt64) -> [Float] {
    var random = RandomStream(seed: seed)
    return (0..<count).map { _ in random.normal() }
  }

  /// Values that are rows of the identity let each probability be seen: it is 0, or what it was over 1 - rate.
  @Test func aProbabilityIsDroppedOrGrows() throws {
    let engine = Engine(threadCount: 2)
    var values = normal(93 * 3 * Self.width, 1)
    for row in 0..<93 {
      for column in 0..<Self.width {
        values[row * 3 * Self.width + 2 * Self.width + column] = column % 96 == (row < 90 ? row : row - 90) ? 1 : 0
      }
    }
    let x = engine.tensor(values, shape: [93, 3 * Self.width])
    func probabilities(_ rate: Float, step: Int = 0) -> [Float] {
      dropping(engine, rate: rate, step).attention(
        queryKeyValue: x, heads: Self.heads, segments: Self.segments, dropout: (rate, 7)
      ).values()
    }
    let (whole, dropped) = (probabilities(0), probabilities(0.25))
    let seen = whole.indices.filter { whole[$0] > 0 }
    #expect(seen.count == 2 * (90 * 90 + 9))
    #expect(seen.allSatisfy { dropped[$0] == 0 || abs(dropped[$0] * 0.75 / whole[$0] - 1) < 1e-5 })
    #expect(abs(Double(seen.count { dropped[$0] == 0 }) / Double(seen.count) - 0.25) < 0.02)
    #expect(probabilities(0.25) == dropped && probabilities(0.25, step: 1) != dropped)
    // Heads and segments draw masks of their own.
    func mask(_ head: Int, _ row: Int) -> [Bool] { (0..<3).map { dropped[row * Self.width + head * 96 + $0] == 0 } }
    #expect((0..<90).contains { mask(0, $0) != mask(1, $0) })
    #expect((0..<3).contains { mask(0, $0) != mask(0, 90 + $0) || mask(1, $0) != mask(1, 90 + $0) })
  }

  @Test(arguments: [Float(0.3), 0])
  func gradientIsTheSlope(_ rate: Float) throws {
    let engine = Engine(threadCount: 1)
    let segments = AttentionSegments(offsets: [0, 9, 14])
    let (values, direction, weights) = (normal(14 * 48, 1), normal(14 * 48, 2), normal(14 * 16, 3))
    func attend(_ x: Tensor, _ tape: Tape) -> Tensor {
      tape.attention(queryKeyValue: x, heads: 2, segments: segments, dropout: (rate, 1))
    }
    func total(_ step: Float) -> Double {
      let x = engine.tensor(zip(values, direction).map { $0 + step * $1 }, shape: [14, 48])
      return zip(attend(x, dropping(engine, rate: rate)).values(), weights).reduce(0) {
        $0 + Double($1.0) * Double($1.1)
      }
    }
    let slope = (total(1e-2) - total(-1e-2)) / 2e-2
    let x = engine.tensor(values, shape: [14, 48], requiresGradient: true)
    let tape = dropping(engine, rate: rate)
    try tape.backward(from: [(attend(x, tape), engine.tensor(weights, shape: [14, 16]))])
    let expected = zip(x.gradientValues(), direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    #expect(difference(slope, expected, relative: 3e-3, floor: 1e-3) == nil)
  }
}
