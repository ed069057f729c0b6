import TensorEngine
import TestSupport
import Testing

@Suite struct ReleaseTests {
  /// Gradients of a norm with a residual and the linear layer that reads it.
  private func gradients(_ precision: Precision, releases: Bool) throws -> [[Float]] {
    let engine = Engine(threadCount: 2, precision: precision)
    func tensor(_ shape: [Int], _ factor: Int) -> Tensor {
      let values = (0..<shape.reduce(1, *)).map { (index: Int) -> Float in Float(index * factor % 101) / 101 - 0.5 }
      return engine.tensor(values, shape: shape, requiresGradient: true)
    }
    let inputs = [
      tensor([40, 24], 37), tensor([40, 24], 53), tensor([24], 7), tensor([24], 11), tensor([8, 24], 29),
    ]
    let tape = Tape(engine)
    let branch = tape.linear(inputs[0], weight: tensor([24, 24], 41))
    let (_, normalized) = tape.layerNorm(branch, residual: inputs[1], weight: inputs[2], bias: inputs[3])
    if releases { branch.releaseValues("the sum holds them") }
    let y = tape.linear(normalized, weight: inputs[4], activation: .geluErf)
    if releases { normalized.releaseRecomputableValues() }
    try tape.backward(from: [(y, engine.tensor([Float](repeating: 1, count: y.count), shape: y.shape))])
    return inputs.map { $0.gradientValues() }
  }

  @Test(arguments: Precision.allCases.filter(\.isSupported))
  func gradientsAreTheSameBits(_ precision: Precision) throws {
    let kept = try gradients(precision, releases: false)
    #expect(try gradients(precision, releases: true) == kept)
    #expect(kept.allSatisfy { $0.contains { $0 != 0 } })
  }

  @Test func aNormIsComputedAgainToTheSameBits() {
    let engine = Engine(threadCount: 1)
    let x = engine.tensor((0..<64).map { Float($0 * 29 % 31) }, shape: [4, 16])
    let ones = engine.tensor([Float](repeating: 1.5, count: 16), shape: [16], requiresGradient: true)
    let y = Tape(engine).layerNorm(x, weight: ones, bias: ones)
    let values = y.values()
    y.releaseRecomputableValues()
    #expect(y.restored(engine).values() == values)
    #expect(y.restored(engine).values() == values)
  }

  @Test func whatNothingCanComputeAgainStays() {
    let engine = Engine(threadCount: 1)
    let x = engine.tensor([1, 2, 3, 4], shape: [1, 4])
    x.releaseRecomputableValues()
    #expect(x.restored(engine) === x)
    #expect(x.values() == [1, 2, 3, 4])
  }

  @Test func readingReleasedValuesStopsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      let x = Engine(threadCount: 1).tensor([1, 2], shape: [2])
      x.releaseValues("nobody needs them")
      _ = x.values()
    }
  }

  @Test func aBlockThatRunsAgainDrawsTheSameMasks() throws {
    func gradients(recomputes: Bool) throws -> [[Float]] {
      let engine = Engine(threadCount: 1)
      let tape = Tape(engine, recomputesBlocks: recomputes, dropout: DropoutMasks(seed: 3, step: 0))
      let x = engine.tensor((0..<400).map { Float($0 % 17) }, shape: [20, 20], requiresGradient: true)
      let weight = engine.tensor((0..<400).map { Float($0 % 13) / 13 }, shape: [20, 20], requiresGradient: true)
      var y = tape.dropout(x, rate: 0.3, layer: 0)
      for layer in 1...2 {
        y =
          tape.block([x, y]) { inputs, tape in
            let branch = tape.linear(inputs[1], weight: weight, activation: .relu)
            return [tape.add(tape.dropout(branch, rate: 0.5, layer: UInt64(layer)), inputs[0])]
          }[0]
      }
      y = tape.dropout(y, rate: 0.5, layer: 3)
      try tape.backward(from: [(y, engine.tensor([Float](repeating: 1, count: 400), shape: [20, 20]))])
      return [y.values(), x.gradientValues(), weight.gradientValues()]
    }
    #expect(try gradients(recomputes: true) == gradients(recomputes: false))
  }
}
