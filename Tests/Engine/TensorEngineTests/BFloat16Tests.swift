import Randomness
import TensorEngine
import TestSupport
import Testing

/// bf16: each rounding is to the nearest, products are exact up to the rounding of their result, and every operation
/// stays within bfloat16's precision of PyTorch's fp32.
@Suite(.enabled(if: Precision.bf16.isSupported, "this processor has no AVX-512")) struct BFloat16Tests {
  static let levels = KernelLevel.allCases.filter(\.isSupported)

  @Test(arguments: levels)
  func roundsToTheNearestTiesToEven(level: KernelLevel) {
    let engine = Engine(threadCount: 1, level: level)
    // Beside 1 the numbers of 8 bits lie 1/128 apart.
    let step: Float = 1 / 128
    let values: [Float] = [
      0, -0.0, 1, 1 + step / 2, 1 + 3 * step / 2, 1 + step / 2 + step / 1024, -(1 + step / 2), 3.4e38,
      Float(bitPattern: 0x0001_1234),
      .infinity, -.infinity, .nan, Float(bitPattern: 0x7F80_0001), 65_535, 0.1,
    ]
    let expected: [Float] = [
      0, -0.0, 1, 1, 1 + 2 * step, 1 + step, -1, .infinity, Float(bitPattern: 0x0001_0000), .infinity, -.infinity,
      .nan, .nan, 65_536, 0.10009765625,
    ]
    let rounded = engine.converted(engine.tensor(values, shape: [values.count]), to: .bfloat16).values()
    for (index, value) in rounded.enumerated() {
      #expect(
        value.bitPattern == expected[index].bitPattern || (value.isNaN && expected[index].isNaN),
        "\(values[index]) became \(value), not \(expected[index])")
    }
  }

  /// The same bits at every level, with parts of a vector at the end.
  @Test func levelsRoundAlike() {
    var random = RandomStream(seed: 3)
    let values = (0..<1000).map { _ in random.normal() }
    let results = Self.levels.map { level in
      let engine = Engine(threadCount: 1, level: level)
      return engine.converted(engine.tensor(values, shape: [values.count]), to: .bfloat16).values()
    }
    for result in results { #expect(result == results[0]) }
    #expect(difference(results[0], values, relative: 1 / 256) == nil)
  }

  /// Against sums in double precision of the rounded factors: only the result's own rounding is left.
  @Test(arguments: [1, 3])
  func productsAreExactUpToTheirRounding(threads: Int) throws {
    let engine = Engine(threadCount: threads, precision: .bf16)
    let (rows, inputs, outputs) = (67, 45, 51)
    let x = rounded(values(rows * inputs, seed: 1), engine)
    let w = rounded(values(outputs * inputs, seed: 2), engine)
    let bias = values(outputs, seed: 3)
    var expected = [Double](repeating: 0, count: rows * outputs)
    for row in 0..<rows {
      for column in 0..<outputs {
        expected[row * outputs + column] =
          (0..<inputs).reduce(Double(bias[column])) {
            $0 + Double(x[row * inputs + $1]) * Double(w[column * inputs + $1])
          }
      }
    }
    for (keepsFloat32, tolerance) in [(true, 1e-6), (false, 1.0 / 256)] {
      let y = Tape(engine, recording: false).linear(
        engine.tensor(x, shape: [rows, inputs]), weight: engine.tensor(w, shape: [outputs, inputs]),
        bias: engine.tensor(bias, shape: [outputs]), keepsFloat32: keepsFloat32)
      #expect(y.elementType == (keepsFloat32 ? .float32 : .bfloat16))
      #expect(difference(y.values().map(Double.init), expected, relative: tolerance, floor: 1e-5) == nil)
    }
  }

  /// Products large enough to be divided over threads, along rows and along columns: forward, and both gradients, which
  /// lie transposed, once in fp32 and once in bfloat16.
  @Test(arguments: [(rows: 301, outputs: 70), (rows: 70, outputs: 301)], [1, 3])
  func threadsDivideProducts(_ shape: (rows: Int, outputs: Int), threads: Int) throws {
    let engine = Engine(threadCount: threads, precision: .bf16)
    let (rows, inputs, outputs) = (shape.rows, 90, shape.outputs)
    let x = rounded(values(rows * inputs, seed: 11), engine)
    let w = rounded(values(outputs * inputs, seed: 12), engine)
    let dy = rounded(values(rows * outputs, seed: 13), engine)
    let bias = values(outputs, seed: 14)
    let tape = Tape(engine)
    let source = engine.tensor(x, shape: [rows, inputs], requiresGradient: true)
    let weight = engine.tensor(w, shape: [outputs, inputs], requiresGradient: true)
    // The weight's gradient is used twice, so that it is also added to.
    let hidden = tape.linear(source, weight: weight, bias: engine.tensor(bias, shape: [outputs]))
    let again = tape.linear(source, weight: weight, keepsFloat32: true)
    try tape.backward(
      from: [
        (hidden, engine.converted(engine.tensor(dy, shape: [rows, outputs]), to: .bfloat16)),
        (again, engine.tensor(dy, shape: [rows, outputs])),
      ])
    func dot(_ count: Int, _ term: (Int) -> Float) -> Float {
      Float((0..<count).reduce(0.0) { $0 + Double(term($1)) })
    }
    var expected = (y: [Float](), plain: [Float](), dx: [Float](), dw: [Float]())
    for row in 0..<rows {
      for output in 0..<outputs {
        expected.plain.append(dot(inputs) { x[row * inputs + $0] * w[output * inputs + $0] })
        expected.y.append(bias[output] + (expected.plain.last ?? 0))
      }
      for input in 0..<inputs {
        expected.dx.append(2 * dot(outputs) { dy[row * outputs + $0] * w[$0 * inputs + input] })
      }
    }
    for output in 0..<outputs {
      for input in 0..<inputs {
        expected.dw.append(2 * dot(rows) { dy[$0 * outputs + output] * x[$0 * inputs + input] })
      }
    }
    #expect(difference(hidden.values(), expected.y, relative: 1 / 256, floor: 1e-5) == nil)
    #expect(difference(again.values(), expected.plain, relative: 1e-5, floor: 1e-5) == nil)
    #expect(difference(source.gradientValues(), expected.dx, relative: 1e-5, floor: 1e-5, scale: .largest) == nil)
    #expect(difference(weight.gradientValues(), expected.dw, relative: 1e-5, floor: 1e-5, scale: .largest) == nil)
  }

  /// A second use of an input adds to its gradient, also where that is bfloat16.
  @Test func gradientsOfSharedInputsAddUp() throws {
    let engine = Engine(threadCount: 2, precision: .bf16)
    let tape = Tape(engine)
    let x = engine.tensor(values(40 * 32, seed: 4), shape: [40, 32], requiresGradient: true)
    let w = engine.tensor(values(32 * 32, seed: 5), shape: [32, 32], requiresGradient: true)
    let hidden = tape.linear(x, weight: w)
    let twice = tape.add(
      tape.linear(hidden, weight: w, keepsFloat32: true), tape.linear(hidden, weight: w, keepsFloat32: true))
    let dy = values(40 * 32, seed: 6)
    try tape.backward(from: [(twice, engine.tensor(dy, shape: [40, 32]))])

    let other = Tape(engine)
    let x2 = engine.tensor(x.values(), shape: [40, 32], requiresGradient: true)
    let w2 = engine.tensor(w.values(), shape: [32, 32], requiresGradient: true)
    let once = other.scale(other.linear(other.linear(x2, weight: w2), weight: w2, keepsFloat32: true), by: 2)
    try other.backward(from: [(once, engine.tensor(dy, shape: [40, 32]))])
    #expect(difference(x.gradientValues(), x2.gradientValues(), relative: 2e-2, scale: .largest) == nil)
    #expect(difference(w.gradientValues(), w2.gradientValues(), relative: 2e-2, scale: .largest) == nil)
  }

  @Test(arguments: operationCases)
  func operationIsNearPyTorch(_ operation: OperationCase) throws {
    for threads in [1, 3] {
      let engine = Engine(threadCount: threads, precision: .bf16)
      let golden = try operation.golden
      let tape = Tape(engine)
      let inputs = try operation.inputs.map { try golden.tensor($0, engine) }
      let outputs = try operation.apply(tape, inputs, golden)
      for (output, name) in zip(outputs, operation.outputs) {
        expectNear(output.values(), try golden.floats(name), name, operation)
      }
      let gradients = try operation.outputs.map {
        $0 == "loss" ? engine.tensor([1], shape: []) : try golden.tensor("d" + $0, engine, requiresGradient: false)
      }
      try tape.backward(from: Array(zip(outputs, gradients)))
      for (input, name) in zip(inputs, operation.inputs) {
        expectNear(input.gradientValues(), try golden.floats("d" + name), "d" + name, operation)
      }
    }
  }

  /// Attention on bfloat16 queries, keys and values, which it meets behind a projection: self and shared keys.
  @Test(arguments: [false, true])
  func attentionBehindProjections(isShared: Bool) throws {
    let offsets = [0, 5, 22, 40]
    let keySegments = isShared ? [1, 1, 0] : [0, 1, 2]
    let results = try [Precision.fp32, .bf16].map { precision -> [[Float]] in
      let engine = Engine(threadCount: 3, precision: precision)
      let tape = Tape(engine)
      let x = engine.tensor(values(40 * 32, seed: 7), shape: [40, 32], requiresGradient: true)
      let wq = engine.tensor(values(32 * 32, seed: 8), shape: [32, 32], requiresGradient: true)
      let wkv = engine.tensor(values(64 * 32, seed: 9), shape: [64, 32], requiresGradient: true)
      let y = tape.attention(
        query: tape.linear(x, weight: wq), keyValue: tape.linear(x, weight: wkv), heads: 4,
        segments: AttentionSegments(queryOffsets: offsets, keyOffsets: offsets, keySegments: keySegments))
      #expect(y.elementType == (precision == .bf16 ? .bfloat16 : .float32))
      try tape.backward(from: [(tape.float32(y), engine.tensor(values(40 * 32, seed: 10), shape: [40, 32]))])
      return [tape.float32(y).values(), x.gradientValues(), wq.gradientValues(), wkv.gradientValues()]
    }
    for (low, high) in zip(results[1], results[0]) {
      #expect(difference(low, high, relative: 2e-2, scale: .largest) == nil)
    }
  }

  @Test func warmStepsAllocateNothing() throws {
    let engine = Engine(threadCount: 2, precision: .bf16)
    let weight = engine.tensor(values(64 * 32, seed: 1), shape: [64, 32], requiresGradient: true)
    func step() throws {
      let tape = Tape(engine)
      let x = engine.tensor([Float](repeating: 0.5, count: 128 * 32), shape: [128, 32])
      let loss = tape.crossEntropy(
        tape.linear(x, weight: weight, activation: .geluErf), targets: [Int32](repeating: 3, count: 128), count: 128)
      try tape.backward(from: loss)
    }
    try step()
    try step()
    let before = (engine.systemAllocations, engine.compiledProducts)
    for _ in 0..<5 { try step() }
    #expect(engine.systemAllocations == before.0)
    #expect(engine.compiledProducts == before.1)
  }

  private func values(_ count: Int, seed: UInt64) -> [Float] {
    var random = RandomStream(seed: seed)
    return (0..<count).map { _ in random.normal() / 4 }
  }

  private func rounded(_ values: [Float], _ engine: Engine) -> [Float] {
    engine.converted(engine.tensor(values, shape: [values.count]), to: .bfloat16).values()
  }

  /// Factors of 8 bits: each is off by up to 1/256, and a result by a few of that.
  private func expectNear(_ actual: [Float], _ expected: [Float], _ name: String, _ operation: OperationCase) {
    let report = difference(actual, expected, relative: 1.5e-2, floor: 1e-4, scale: .largest)
    #expect(report == nil, "\(operation.name)/\(name)")
  }
}
