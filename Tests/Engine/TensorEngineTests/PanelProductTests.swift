import Randomness
import TensorEngine
import TestSupport
import Testing

/// Products of bfloat16 by weights that were arranged once, beside products by the same weights as they lie.
@Suite(.enabled(if: Precision.bf16.isSupported)) struct PanelProductTests {
  /// Below, at and above what a block and a panel hold; sides that are no multiples of anything.
  static let shapes: [(rows: Int, outputs: Int, inputs: Int)] = [
    (1, 64, 64), (7, 3, 5), (50, 768, 128), (64, 65, 33), (130, 1100, 70), (300, 96, 64), (257, 1, 1),
  ]

  @Test(arguments: shapes, [1, 2, 3])
  func aLayerIsWhatItIsWithoutArranging(_ shape: (rows: Int, outputs: Int, inputs: Int), _ threads: Int) {
    let engine = Engine(threadCount: threads, precision: .bf16)
    for activation in [Activation.none, .quickGELU] {
      for isFloat in activation == .none ? [false, true] : [false] {
        let results = [false, true].map { isFixed in
          layer(shape, engine, isFixed: isFixed, activation, keepsFloat32: isFloat)
        }
        // Sums in another order, rounded: neighbours in bfloat16.
        let tolerance: Float = isFloat ? 1e-5 : 1 / 128
        #expect(
          difference(results[1], results[0], relative: tolerance, floor: 1e-6, scale: .largest) == nil,
          "\(activation) \(isFloat)")
      }
    }
  }

  /// One order serves any number of rows, one after the other.
  @Test func arrangedForOneNumberOfRowsServesAll() {
    let engine = Engine(threadCount: 1, precision: .bf16)
    let arranged = ArrangedWeights()
    let weight = engine.tensor(numbers(200 * 100, seed: 1), shape: [200, 100])
    weight.isFixed = true
    let x = numbers(129 * 100, seed: 2)
    func result(_ rows: Int) -> [Float] {
      Tape(engine, recording: false, arrangedWeights: arranged).linear(
        engine.tensor(Array(x[..<(rows * 100)]), shape: [rows, 100]), weight: weight, keepsFloat32: true
      ).values()
    }
    let all = result(129)
    for rows in [1, 2, 15, 16, 31, 64, 100, 128] {
      #expect(
        difference(result(rows), Array(all[..<(rows * 200)]), relative: 1e-5, floor: 1e-6, scale: .largest) == nil,
        "\(rows) rows")
    }
  }

  /// Beside two layers, by weights as they lie, and a sum.
  @Test(arguments: [true, false], [20, 400]) func aPerceptronIsTwoLayers(hasResidual: Bool, rows: Int) {
    let engine = Engine(threadCount: 2, precision: .bf16)
    let tape = Tape(engine, recording: false, arrangedWeights: ArrangedWeights())
    let x = engine.tensor(numbers(rows * 64, seed: 10), shape: [rows, 64])
    let residual = engine.tensor(numbers(rows * 192, seed: 15).map { 9 * $0 }, shape: [rows, 192])
    let layers = [(320, 64), (192, 320)].map { outputs, inputs in
      (
        weight: engine.tensor(numbers(outputs * inputs, seed: 11), shape: [outputs, inputs]),
        bias: engine.tensor(numbers(outputs, seed: 12), shape: [outputs])
      )
    }
    let hidden = tape.linear(x, weight: layers[0].weight, bias: layers[0].bias, activation: .geluErf)
    let output = tape.linear(hidden, weight: layers[1].weight, bias: layers[1].bias, keepsFloat32: true)
    let expected = hasResidual ? tape.add(residual, output) : output
    for isFixed in [false, true] {
      for layer in layers { layer.weight.isFixed = isFixed }
      let result = tape.perceptron(
        x, hidden: (layers[0].weight, layers[0].bias), output: (layers[1].weight, layers[1].bias),
        activation: .geluErf, adding: hasResidual ? residual : nil)
      #expect(difference(result.values(), expected.values(), relative: 1 / 128, floor: 1e-6, scale: .largest) == nil)
    }
  }

  /// What may change, or is adapted, is read anew.
  @Test func aWeightThatMayChangeIsNotKept() {
    let engine = Engine(threadCount: 1, precision: .bf16)
    let arranged = ArrangedWeights()
    let weight = engine.tensor(numbers(64 * 64, seed: 3), shape: [64, 64])
    let x = engine.tensor(numbers(4 * 64, seed: 4), shape: [4, 64])
    func result() -> [Float] {
      Tape(engine, recording: false, arrangedWeights: arranged).linear(x, weight: weight).values()
    }
    let before = result()
    weight.withMutableValues { for place in $0.indices { $0[place] *= 2 } }
    #expect(result() == before.map { 2 * $0 })
    weight.isFixed = true
    let fixed = result()
    weight.withMutableValues { for place in $0.indices { $0[place] *= 2 } }
    #expect(result() == fixed, "a promise that was broken is not seen: it is arranged once")
  }

  /// Weights are arranged once, and warm products allocate and compile nothing.
  @Test func aWarmProductAsksForNothing() {
    let engine = Engine(threadCount: 2, precision: .bf16)
    let arranged = ArrangedWeights()
    let weight = engine.tensor(numbers(300 * 64, seed: 23), shape: [300, 64])
    weight.isFixed = true
    let x = engine.tensor(numbers(100 * 64, seed: 24), shape: [100, 64])
    func run() { _ = Tape(engine, recording: false, arrangedWeights: arranged).linear(x, weight: weight) }
    for _ in 0..<2 { run() }
    let before = (engine.systemAllocations, engine.compiledProducts)
    for _ in 0..<3 { run() }
    #expect(engine.systemAllocations == before.0 && engine.compiledProducts == before.1)
  }

  private func layer(
    _ shape: (rows: Int, outputs: Int, inputs: Int), _ engine: Engine, isFixed: Bool, _ activation: Activation,
    keepsFloat32: Bool
  ) -> [Float] {
    let weight = engine.tensor(numbers(shape.outputs * shape.inputs, seed: 6), shape: [shape.outputs, shape.inputs])
    weight.isFixed = isFixed
    return Tape(engine, recording: false, arrangedWeights: ArrangedWeights()).linear(
      engine.tensor(numbers(shape.rows * shape.inputs, seed: 5), shape: [shape.rows, shape.inputs]), weight: weight,
      bias: engine.tensor(numbers(shape.outputs, seed: 7), shape: [shape.outputs]), activation: activation,
      keepsFloat32: keepsFloat32
    ).values()
  }
}

private func numbers(_ count: Int, seed: UInt64) -> [Float] {
  var random = RandomStream(seed: seed)
  return (0..<count).map { _ in random.normal() }
}
