import Layers
import TensorEngine
import Testing

/// Batch norm of which nothing is learnt: neither are its statistics, and it uses them.
@Suite struct FrozenNormTests {
  /// The kept means afterwards, and the result.
  private func normalized(_ isFrozen: (String) -> Bool) -> (mean: [Float], y: [Float]) {
    let engine = Engine(threadCount: 1)
    let builder = ParameterBuilder()
    let norm = BatchNorm(builder, "norm", channels: 2, epsilon: 0)
    let arena = ParameterArena(builder, isFrozen: isFrozen)
    arena.initialize(seed: 0)
    let tape = Tape(engine, batchStatistics: BatchStatistics())
    let y = norm(engine.tensor([1, 5, 2, 7, 4, 9], shape: [3, 2]), tape)
    return (norm.mean.tensor.values(), y.values())
  }

  @Test func statisticsAreKeptWhereNothingIsLearnt() {
    let frozen = normalized { _ in true }
    #expect(frozen.mean == [0, 0])
    #expect(frozen.y == [1, 5, 2, 7, 4, 9])
    let learning = normalized { $0.hasSuffix("bias") }
    #expect(learning.mean != [0, 0])
    #expect(learning.y != frozen.y)
  }

  /// An error of the ranks is kept until somebody can throw it; nothing has moved by then.
  @Test func whatCannotBeSummedOverRanksIsThrownLater() throws {
    struct Lost: Error {}
    let builder = ParameterBuilder()
    let norm = BatchNorm(builder, "norm", channels: 2)
    let arena = ParameterArena(builder)
    arena.initialize(seed: 0)
    let engine = Engine(threadCount: 1)
    var calls = 0
    let tape = Tape(
      engine,
      batchStatistics: BatchStatistics { _ in
        calls += 1
        if calls == 2 { throw Lost() }
      })
    let x = engine.tensor([1, 5, 2, 7, 4, 9], shape: [3, 2])
    _ = norm(norm(x, tape), tape)
    #expect(calls == 2)
    #expect(norm.mean.tensor.values() == [0, 0])
    #expect(throws: Lost.self) { try tape.throwFailure() }
  }
}
