import TensorEngine
import Testing

/// Batch norm of which nothing is learnt: neither are its statistics, and it uses them.
@Suite struct FrozenNormTests {
  private let x: [Float] = [1, 5, 2, 7, 4, 9]

  /// The kept mean and variance afterwards, and the result.
  private func normalized(learns: Bool) -> (mean: [Float], variance: [Float], y: [Float]) {
    let engine = Engine(threadCount: 1)
    let tape = Tape(engine, batchStatistics: BatchStatistics())
    let mean = engine.tensor([1, 2], shape: [2])
    let variance = engine.tensor([4, 0.25], shape: [2])
    let y = tape.batchNorm(
      engine.tensor(x, shape: [3, 2], requiresGradient: true),
      weight: engine.tensor([3, 1], shape: [2], requiresGradient: learns),
      bias: engine.tensor([0.5, 0], shape: [2]), mean: mean, variance: variance, epsilon: 0)
    return (mean.values(), variance.values(), y.values())
  }

  @Test func statisticsAreKeptWhereNothingIsLearnt() {
    let frozen = normalized(learns: false)
    #expect(frozen.mean == [1, 2])
    #expect(frozen.variance == [4, 0.25])
    #expect(frozen.y == [0.5, 6, 2, 10, 5, 14])
    let learning = normalized(learns: true)
    #expect(learning.mean != [1, 2])
    #expect(learning.variance != [4, 0.25])
    #expect(learning.y != frozen.y)
  }
}
