import Layers
import TensorEngine
import Testing

@Suite struct ParameterArenaTests {
  private func example(frozen: String? = nil) -> (ParameterArena, Parameter, Parameter) {
    let builder = ParameterBuilder()
    let stacked = builder["attention"].stacked(
      ["q.weight", "k.weight"], [2, 3], .normal(standardDeviation: 1))
    let single = builder.parameter("scale", [], .constant(2))
    return (ParameterArena(builder, isFrozen: { $0 == frozen }), stacked, single)
  }

  @Test func stackedParametersAreTwoKeysAndOneTensor() {
    let (arena, stacked, single) = example()
    arena.initialize(seed: 5)
    #expect(arena.slices.map(\.name) == ["attention.q.weight", "attention.k.weight", "scale"])
    #expect(stacked.tensor.shape == [4, 3])
    #expect(arena.slices.flatMap { arena.weights(of: $0) } == stacked.tensor.values() + single.tensor.values())
    #expect(single.tensor.value == 2)
    #expect(arena.parameterCount == 13)
    #expect(arena.count == 32)
  }

  @Test func initialWeightsDependOnSeedAndName() {
    let (first, one, _) = example()
    let (second, two, _) = example()
    first.initialize(seed: 5)
    second.initialize(seed: 5)
    #expect(one.tensor.values() == two.tensor.values())
    second.initialize(seed: 6)
    #expect(one.tensor.values() != two.tensor.values())
  }

  @Test func staleGradientsAreReplacedAndUnreachedOnesCleared() throws {
    let (arena, stacked, single) = example()
    arena.initialize(seed: 1)
    arena.gradients.update(repeating: 9)
    arena.markGradientsStale()
    let engine = Engine(threadCount: 1)
    let tape = Tape(engine)
    try tape.backward(from: [
      (tape.scale(stacked.tensor, by: 2), engine.tensor([Float](repeating: 1, count: 12), shape: [4, 3]))
    ])
    arena.clearUnreachedGradients()
    #expect(stacked.tensor.gradientValues() == [Float](repeating: 2, count: 12))
    #expect(single.tensor.gradientValues() == [0])
  }

  @Test func manifestHashSeesNamesShapesOrderAndFreezing() {
    func hash(_ build: (ParameterBuilder) -> Void, frozen: String? = nil) -> UInt64 {
      let builder = ParameterBuilder()
      build(builder)
      return ParameterArena(builder, isFrozen: { $0 == frozen }).manifestHash
    }
    func plain(_ builder: ParameterBuilder) {
      _ = builder.parameter("a", [2, 3], .constant(0))
      _ = builder.parameter("b", [4], .constant(0))
    }
    let reference = hash(plain)
    #expect(hash(plain) == reference)
    #expect(hash(plain, frozen: "a") != reference)
    #expect(
      hash({
        _ = $0.parameter("b", [4], .constant(0))
        _ = $0.parameter("a", [2, 3], .constant(0))
      }) != reference)
    #expect(
      hash({
        _ = $0.parameter("a", [3, 2], .constant(0))
        _ = $0.parameter("b", [4], .constant(0))
      }) != reference)
  }
}
