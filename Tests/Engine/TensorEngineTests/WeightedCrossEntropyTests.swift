import Randomness
import TensorEngine
import TestSupport
import Testing

/// Rows of logits that count more or less: beside the plain loss of each of them alone.
@Suite struct WeightedCrossEntropyTests {
  private let engine = Engine(threadCount: 1)
  private let targets: [Int32] = [3, 0, 6, 6, 2]
  private let weights: [Float] = [0.7, 0.7, 0, 2, -1]

  private func logits() -> [Float] {
    var random = RandomStream(seed: 4, 7)
    return (0..<35).map { _ in 4 * random.uniform() - 2 }
  }

  private func loss(_ body: (Tensor, Tape) -> Tensor) throws -> (value: Float, gradient: [Float]) {
    let tape = Tape(engine)
    let x = engine.tensor(logits(), shape: [5, 7], requiresGradient: true)
    let loss = body(x, tape)
    try tape.backward(from: loss)
    return (loss.value, try #require(x.gradient).values())
  }

  @Test(arguments: [0, 0.1] as [Float])
  func itIsTheSumOfItsRows(_ smoothing: Float) throws {
    let weighed = try loss {
      $1.crossEntropy($0, targets: targets, weights: weights, smoothing: smoothing)
    }
    let alone = try loss { x, tape in
      tape.weightedSum(
        targets.indices.map { row in
          let loss = tape.crossEntropy(
            tape.gatherRows(x, [row]), targets: [targets[row]], count: 1, smoothing: smoothing)
          return (weights[row], loss)
        })
    }
    #expect(difference([weighed.value], [alone.value], relative: 1e-6) == nil)
    #expect(difference(weighed.gradient, alone.gradient, relative: 1e-6, scale: .largest) == nil)
    #expect(weighed.gradient[14..<21].allSatisfy { $0 == 0 })
  }

  @Test func noRowsAreALegalBatch() throws {
    let tape = Tape(engine)
    let x = engine.tensor([Float](), shape: [0, 7], requiresGradient: true)
    let loss = tape.crossEntropy(x, targets: [], weights: [], smoothing: 0.1)
    try tape.backward(from: loss)
    #expect(loss.value == 0)
  }
}
