import Layers
import TensorEngine
import TestSupport
import Testing

/// Linear layers with low-rank updates: what they compute, and what a step does for them.
@Suite struct LowRankTests {
  private struct Example {
    let engine: Engine
    let arena: ParameterArena
    let layer: Linear
    let x: Tensor

    /// Three layers as one, of which the first and the last have an update.
    init(precision: Precision = .fp32, adapts: Bool = true, isFrozen: Bool = true) {
      engine = Engine(threadCount: 2, precision: precision)
      let adaptation = LowRankAdaptation(rank: 2, scale: 3) { $0.name != "block.k" }
      let builder = ParameterBuilder(adapting: adapts ? adaptation : nil)
      layer = Linear(builder["block"], "q", "k", "v", inputs: 8, outputs: 16, standardDeviation: 0.3)
      arena = ParameterArena(builder) { isFrozen && !LowRankParameters.own($0) }
      arena.initialize(seed: 3)
      for slice in arena.slices where slice.name.hasSuffix(LowRankParameters.suffixes.b) {
        for (index, place) in arena.weights(of: slice).indices.enumerated() {
          arena.weights(of: slice)[place] = Float(index % 5) / 4 - 0.5
        }
      }
      if precision == .bf16 { arena.keepRounded(engine) }
      x = engine.tensor((0..<24).map { Float($0 % 7) / 3 - 1 }, shape: [3, 8], requiresGradient: true)
    }

    func slice(_ name: String) -> [Float] {
      arena.slices.first { $0.name == "block." + name }.map { Array(arena.weights(of: $0)) } ?? []
    }
  }

  @Test func theBuilderNamesThem() {
    let example = Example()
    #expect(
      example.arena.slices.map(\.name)
        == [
          "q.weight", "k.weight", "v.weight", "q.lora_A.weight", "q.lora_B.weight", "v.lora_A.weight",
          "v.lora_B.weight",
        ]
        .map { "block." + $0 } + ["q.bias", "k.bias", "v.bias"].map { "block." + $0 })
    #expect(example.arena.trainedSlices.map(\.shape) == [[2, 8], [16, 2], [2, 8], [16, 2]])
    // Kaiming's uniform numbers with √5, as PEFT draws A: ±1/√I.
    let a = example.slice("q.lora_A.weight")
    #expect(a.allSatisfy { abs($0) <= 1 / Float(8).squareRoot() } && (a.max() ?? 0) > 0.2 && (a.min() ?? 0) < -0.2)
    #expect(a != example.slice("v.lora_A.weight"))
  }

  /// left [n, d] · right [d, m], row-major.
  private static func product(_ left: [Float], _ right: [Float], depth d: Int, columns m: Int) -> [Float] {
    var result = [Float](repeating: 0, count: left.count / d * m)
    for place in result.indices {
      for k in 0..<d { result[place] += left[place / m * d + k] * right[k * m + place % m] }
    }
    return result
  }

  private static func transposed(_ matrix: [Float], columns: Int) -> [Float] {
    let rows = matrix.count / columns
    return matrix.indices.map { matrix[$0 % rows * columns + $0 / rows] }
  }

  /// y = x (W + s B A)ᵀ + b: the middle third is what it is without updates.
  @Test(arguments: [Precision.fp32, .bf16]) func forward(precision: Precision) {
    guard precision.isSupported else { return }
    let example = Example(precision: precision)
    let plain = Example(adapts: false)
    let y = example.layer(example.x, Tape(example.engine, recording: false)).values()
    let expected = plain.layer(plain.x, Tape(plain.engine, recording: false)).values()
    let tolerance: Float = precision == .fp32 ? 1e-5 : 4e-2
    for (part, name) in ["q", "k", "v"].enumerated() {
      let (a, b) = (example.slice(name + ".lora_A.weight"), example.slice(name + ".lora_B.weight"))
      let thin = name == "k" ? [] : Self.product(plain.x.values(), Self.transposed(a, columns: 8), depth: 8, columns: 2)
      let update = name == "k" ? [] : Self.product(thin, Self.transposed(b, columns: 2), depth: 2, columns: 16)
      for place in 0..<48 {
        let whole = place / 16 * 48 + part * 16 + place % 16
        let sum = expected[whole] + (name == "k" ? 0 : 3 * update[place])
        #expect(abs(y[whole] - sum) < tolerance, "\(name) \(place)")
      }
    }
  }

  /// The gradients of A and B are those that go through s B A as a matrix of its own: dA = s Bᵀ dW, dB = s dW Aᵀ.
  @Test(arguments: [Precision.fp32, .bf16]) func backward(precision: Precision) throws {
    guard precision.isSupported else { return }
    let (example, whole) = (Example(precision: precision), Example(precision: precision, isFrozen: false))
    let dy = (0..<144).map { Float($0 % 11) / 5 - 1 }
    for each in [example, whole] {
      each.arena.markGradientsStale()
      let tape = Tape(each.engine)
      let y = each.layer(each.x, tape)
      try tape.backward(from: [(tape.scale(y, by: 1), each.engine.tensor(dy, shape: [3, 48]))])
      each.arena.clearUnreachedGradients()
    }
    #expect(example.arena.gradients.count == 96 && example.arena.lockedCount == 384 + 48)
    let full = whole.arena.slices.prefix(3).map { Array(whole.arena.gradients(of: $0)) }
    for (name, dw) in [("q", full[0]), ("v", full[2])] {
      let (a, b) = (example.slice(name + ".lora_A.weight"), example.slice(name + ".lora_B.weight"))
      let da = Self.product(Self.transposed(b, columns: 2), dw, depth: 16, columns: 8).map { 3 * $0 }
      let db = Self.product(dw, Self.transposed(a, columns: 8), depth: 8, columns: 2).map { 3 * $0 }
      for (part, expected) in [("A", da), ("B", db)] {
        let key = "block.\(name).lora_\(part).weight"
        let slice = try #require(example.arena.slices.first { $0.name == key })
        let gradient = Array(example.arena.gradients(of: slice))
        let tolerance: Float = precision == .fp32 ? 1e-5 : 3e-2
        #expect(difference(gradient, expected, relative: tolerance, scale: .largest) == nil, "\(key)")
      }
    }
    #expect(example.x.gradientValues() == whole.x.gradientValues())
  }

  /// A frozen weight has no product for its gradient: the sum with each update, forward, four thin ones for each, and the
  /// gradient of what comes in.
  @Test func whatAStepMultiplies() throws {
    let example = Example()
    let before = example.engine.matrixProducts
    let tape = Tape(example.engine)
    let y = example.layer(example.x, tape)
    #expect(example.engine.matrixProducts - before == 2 + 1)
    // A second use of the layer in a step makes no second sum.
    let again = example.layer(example.x, tape)
    #expect(example.engine.matrixProducts - before == 2 + 2)
    let ones = example.engine.tensor([Float](repeating: 1, count: 144), shape: [3, 48])
    example.arena.markGradientsStale()
    try tape.backward(from: [(tape.add(y, again), ones)])
    #expect(example.engine.matrixProducts - before == 2 + 2 * (1 + 2 * 4 + 1))
  }

  /// While an operation of the tape holds an update its gradient is not final; then it is, though the weight stays.
  @Test func gradientsBecomeFinal() throws {
    let example = Example()
    let tape = Tape(example.engine)
    let y = example.layer(example.x, tape)
    var pending = Array(example.arena.parameters.indices)
    var floats = 0
    example.arena.takeFinal(&pending) { _ in floats += 1 }
    #expect(floats == 0 && pending.count == 4)
    let ones = example.engine.tensor([Float](repeating: 1, count: 144), shape: [3, 48])
    example.arena.markGradientsStale()
    try tape.backward(from: [(tape.scale(y, by: 1), ones)]) {
      example.arena.takeFinal(&pending) { floats += $0.count }
    }
    #expect(floats == example.arena.count && pending.isEmpty)
  }
}
