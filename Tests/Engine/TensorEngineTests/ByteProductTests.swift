import CKernels
import Randomness
import TensorEngine
import TestSupport
import Testing

/// Linear layers in bytes: the bytes stand for what they are made of, products of them are exact, and what cannot be a byte is told.
@Suite struct ByteConversionTests {
  static let levels = KernelLevel.allCases.filter(\.isSupported)

  @Test(arguments: levels, [1, 15, 16, 100])
  func aRowIsWithinHalfAStep(_ level: KernelLevel, columns: Int) {
    let kernels = Engine(threadCount: 1, level: level).kernels
    for (seed, shift) in [Float(0), 3, -3, 1e-20, 1e20].enumerated() {
      var random = RandomStream(seed: UInt64(seed))
      // But around 0 all are of one sign.
      let x = (0..<columns).map { _ in shift + random.normal() * (shift == 0 ? 1 : abs(shift) / 8) }
      let (bytes, scale, zero) = bytes(of: x, kernels)
      // 0 belongs to the range, and is one of the bytes.
      let (least, largest) = (min(0, x.min()!), max(0, x.max()!))
      #expect(abs(scale - (largest - least) / 255) <= 1e-6 * scale)
      #expect((0...255).contains(zero))
      for (value, byte) in zip(x, bytes) {
        #expect(abs(scale * (Float(byte) - Float(zero)) - value) <= 0.51 * scale, "\(value) of \(least)...\(largest)")
      }
    }
  }

  @Test(arguments: levels) func zerosStayZeros(_ level: KernelLevel) {
    let kernels = Engine(threadCount: 1, level: level).kernels
    let nothing = bytes(of: [Float](repeating: 0, count: 20), kernels)
    #expect(nothing.bytes.allSatisfy { $0 == UInt8(nothing.zero) } && nothing.scale == 0)
    let some = bytes(of: [-1, 0, 0.5, 0, 2], kernels)
    #expect(some.bytes[1] == UInt8(some.zero) && some.bytes[3] == UInt8(some.zero))
  }

  @Test(arguments: levels, [Float.nan, .infinity, -.infinity])
  func whatIsNotFiniteHasNoScale(_ level: KernelLevel, value: Float) {
    for place in [0, 16, 18] {
      var x = [Float](repeating: 0.5, count: 19)
      x[place] = value
      #expect(bytes(of: x, Engine(threadCount: 1, level: level).kernels).scale.isNaN, "place \(place)")
    }
  }

  private func bytes(of x: [Float], _ kernels: mmk_kernels) -> (bytes: [UInt8], scale: Float, zero: Int32) {
    var (bytes, scale, zero) = ([UInt8](repeating: 7, count: x.count + 1), Float(0), Int32(0))
    kernels.to_bytes(1, x.count, x, &bytes, &scale, &zero)
    #expect(bytes.last == 7, "behind the row")
    return (bytes.dropLast(), scale, zero)
  }
}

@Suite(.enabled(if: ByteWeights.isSupported, "this processor does not multiply bytes"))
struct ByteProductTests {
  /// Outputs of whole panels and of parts, inputs that are no whole groups of four, rows of one block and of several.
  static let shapes = [(1, 64, 64), (7, 70, 65), (64, 256, 100), (65, 257, 768), (130, 600, 131)]

  /// Against sums in double precision of what the bytes stand for: only fp32's rounding of the result is left.
  @Test(arguments: KernelLevel.allCases.filter(\.isSupported), shapes)
  func productsOfBytesAreExact(_ level: KernelLevel, _ shape: (rows: Int, outputs: Int, inputs: Int)) {
    let x = numbers(shape.rows * shape.inputs, seed: 1)
    let (w, bias) = (numbers(shape.outputs * shape.inputs, seed: 2), numbers(shape.outputs, seed: 3))
    let kernels = Engine(threadCount: 1, level: level).kernels
    let seen = x.chunks(shape.inputs).flatMap { asBytes($0, kernels) }
    let meant = w.chunks(shape.inputs).flatMap { asSignedBytes($0, kernels) }
    var expected: [Float] = []
    for row in 0..<shape.rows {
      for output in 0..<shape.outputs {
        expected.append(
          Float(
            (0..<shape.inputs).reduce(Double(bias[output])) {
              $0 + seen[row * shape.inputs + $1] * meant[output * shape.inputs + $1]
            }))
      }
    }
    for threads in [1, 3] {
      let engine = Engine(threadCount: threads, level: level, byteWeights: ByteWeights())
      let result = linear(x, w, bias, shape, engine)
      #expect(difference(result, expected, relative: 3e-6, floor: 1e-6, scale: .largest) == nil, "\(threads) threads")
    }
  }

  /// A row's bytes hang on nothing else: on no other row, no thread, no block.
  @Test func aRowIsTheSameWhateverComesWithIt() {
    let shape = (rows: 150, outputs: 300, inputs: 96)
    let (x, w) = (numbers(shape.rows * shape.inputs, seed: 4), numbers(shape.outputs * shape.inputs, seed: 5))
    let bias = numbers(shape.outputs, seed: 6)
    let together = linear(x, w, bias, shape, Engine(threadCount: 2, byteWeights: ByteWeights()))
    for row in [0, 1, 63, 64, 149] {
      let alone = linear(
        Array(x[row * shape.inputs..<(row + 1) * shape.inputs]), w, bias, (1, shape.outputs, shape.inputs),
        Engine(threadCount: 1, byteWeights: ByteWeights()))
      #expect(alone == Array(together[row * shape.outputs..<(row + 1) * shape.outputs]))
    }
  }

  @Test(arguments: [Activation.none, .quickGELU, .geluErf, .relu6])
  func activationsComeAfterTheBias(_ activation: Activation) {
    let engine = Engine(threadCount: 1, byteWeights: ByteWeights())
    let (x, w, bias) = (numbers(9 * 80, seed: 7), numbers(90 * 80, seed: 8), numbers(90, seed: 9))
    let plain = linear(x, w, bias, (9, 90, 80), engine)
    let tape = Tape(engine, recording: false)
    let expected =
      activation == .none ? plain : tape.activate(engine.tensor(plain, shape: [9, 90]), activation).values()
    #expect(difference(linear(x, w, bias, (9, 90, 80), engine, activation), expected, relative: 1e-6) == nil)
  }

  /// The hidden layer goes through the cache, and comes to the same as two layers and a sum.
  @Test(arguments: [true, false]) func aPerceptronIsTwoLayers(hasResidual: Bool) {
    let engine = Engine(threadCount: 2, byteWeights: ByteWeights())
    let tape = Tape(engine, recording: false)
    let x = engine.tensor(numbers(70 * 64, seed: 10), shape: [70, 64])
    let first = (
      engine.tensor(numbers(320 * 64, seed: 11), shape: [320, 64]), engine.tensor(numbers(320, seed: 12), shape: [320])
    )
    let second = (
      engine.tensor(numbers(64 * 320, seed: 13), shape: [64, 320]), engine.tensor(numbers(64, seed: 14), shape: [64])
    )
    let residual = engine.tensor(numbers(70 * 64, seed: 15), shape: [70, 64])
    let hidden = tape.linear(x, weight: first.0, bias: first.1, activation: .geluErf)
    let layers = tape.linear(hidden, weight: second.0, bias: second.1)
    let expected = hasResidual ? tape.add(residual, layers) : layers
    let result = tape.perceptron(
      x, hidden: (first.0, first.1), output: (second.0, second.1), activation: .geluErf,
      adding: hasResidual ? residual : nil)
    #expect(result.values() == expected.values())
  }

  /// A weight, or a row, that is not finite makes what hangs on it NaN, and nothing else.
  @Test func whatIsNotFiniteIsSeen() {
    let engine = Engine(threadCount: 1, byteWeights: ByteWeights())
    var (x, w) = (numbers(3 * 64, seed: 16), numbers(64 * 64, seed: 17))
    (x[64 + 5], w[2 * 64 + 7]) = (.infinity, .nan)
    let y = linear(x, w, [Float](repeating: 0, count: 64), (3, 64, 64), engine)
    for row in 0..<3 { for output in 0..<64 { #expect(y[row * 64 + output].isNaN == (row == 1 || output == 2)) } }
  }

  /// Where a gradient is wanted, and for what is small or begins or ends a model, nothing changes.
  @Test func whatIsLearntIsInFloats() {
    let (bytes, floats) = (Engine(threadCount: 1, byteWeights: ByteWeights()), Engine(threadCount: 1))
    let (x, w, bias) = (numbers(5 * 64, seed: 18), numbers(64 * 64, seed: 19), numbers(64, seed: 20))
    func learnt(_ engine: Engine) -> [Float] {
      let weight = engine.tensor(w, shape: [64, 64], requiresGradient: true)
      return Tape(engine).linear(
        engine.tensor(x, shape: [5, 64]), weight: weight, bias: engine.tensor(bias, shape: [64])
      ).values()
    }
    #expect(learnt(bytes) == learnt(floats))
    let small = (numbers(63 * 64, seed: 21), numbers(63, seed: 22))
    #expect(linear(x, small.0, small.1, (5, 63, 64), bytes) == linear(x, small.0, small.1, (5, 63, 64), floats))
    func last(_ engine: Engine) -> [Float] {
      Tape(engine, recording: false).linear(
        engine.tensor(x, shape: [5, 64]), weight: engine.tensor(w, shape: [64, 64]), keepsFloat32: true
      ).values()
    }
    #expect(last(bytes) == last(floats))
  }

  /// A convolution of several places makes its weights anew for each call: kept as bytes they would never end.
  @Test func convolutionsOfSeveralPlacesAreInFloats() {
    let weights = ByteWeights()
    let engines = [
      Engine(threadCount: 1, products: ProductChoice(.openBLAS), byteWeights: weights),
      Engine(threadCount: 1, products: ProductChoice(.openBLAS)),
    ]
    let results = engines.map { engine in
      Tape(engine, recording: false).convolution(
        engine.tensor(numbers(2 * 6 * 6 * 64, seed: 30), shape: [2, 6, 6, 64]),
        weight: engine.tensor(numbers(64 * 64 * 9, seed: 31), shape: [64, 64, 3, 3]), padding: .even(1)
      ).values()
    }
    #expect(results[0] == results[1] && weights.count == 0)
  }

  /// Weights are made bytes once, and warm products allocate and compile nothing.
  @Test func aWarmProductAsksForNothing() throws {
    let engine = Engine(threadCount: 2, byteWeights: ByteWeights())
    let tape = Tape(engine, recording: false)
    let weight = engine.tensor(numbers(300 * 64, seed: 23), shape: [300, 64])
    let x = engine.tensor(numbers(100 * 64, seed: 24), shape: [100, 64])
    for _ in 0..<2 { _ = tape.linear(x, weight: weight) }
    let before = (engine.systemAllocations, engine.compiledProducts)
    for _ in 0..<3 { _ = tape.linear(x, weight: weight) }
    #expect(engine.systemAllocations == before.0 && engine.compiledProducts == before.1)
    let weights = ByteWeights()
    let made = try #require(weights(weight, engine))
    #expect(weights(weight, engine) === made)
  }

  // MARK: What is compared

  private func linear(
    _ x: [Float], _ w: [Float], _ bias: [Float], _ shape: (rows: Int, outputs: Int, inputs: Int), _ engine: Engine,
    _ activation: Activation = .none
  ) -> [Float] {
    Tape(engine, recording: false).linear(
      engine.tensor(x, shape: [shape.rows, shape.inputs]),
      weight: engine.tensor(w, shape: [shape.outputs, shape.inputs]),
      bias: engine.tensor(bias, shape: [shape.outputs]), activation: activation
    ).values()
  }

  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var random = RandomStream(seed: seed)
    return (0..<count).map { _ in random.normal() }
  }

  /// What the bytes of a row stand for.
  private func asBytes(_ row: [Float], _ kernels: mmk_kernels) -> [Double] {
    var (bytes, scale, zero) = ([UInt8](repeating: 0, count: row.count), Float(0), Int32(0))
    kernels.to_bytes(1, row.count, row, &bytes, &scale, &zero)
    return bytes.map { Double(scale) * (Double($0) - Double(zero)) }
  }

  private func asSignedBytes(_ row: [Float], _ kernels: mmk_kernels) -> [Double] {
    var (bytes, scale, sum) = ([Int8](repeating: 0, count: row.count), Float(0), Int32(0))
    kernels.weights_to_bytes(1, row.count, row, &bytes, &scale, &sum)
    #expect(sum == bytes.reduce(0) { $0 + Int32($1) } && bytes.contains { abs(Int($0)) == 127 })
    for (value, byte) in zip(row, bytes) { #expect(abs(scale * Float(byte) - value) <= 0.51 * scale) }
    return bytes.map { Double(scale) * Double($0) }
  }
}

extension Array {
  fileprivate func chunks(_ count: Int) -> [[Element]] {
    stride(from: 0, to: self.count, by: count).map { Array(self[$0..<$0 + count]) }
  }
}
