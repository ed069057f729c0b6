import TensorEngine
import TestSupport
import Testing

/// What oneDNN computes is what the engine computes itself, on any number of threads: images are divided over them, or the rows
/// of images where there are fewer.
@Suite struct OneDNNConvolutionTests {
  struct Form: Sendable {
    var images: Int, side: Int, inputs: Int, outputs: Int, kernel: Int
    var stride = 1
    var isDepthwise = false
    var padding: WindowPadding?
    /// Passes that are oneDNN's.
    var passes = 3
  }

  static let forms = [
    Form(images: 2, side: 9, inputs: 16, outputs: 24, kernel: 3),
    Form(images: 1, side: 13, inputs: 3, outputs: 16, kernel: 7, stride: 2),
    Form(images: 1, side: 14, inputs: 16, outputs: 16, kernel: 3, stride: 2, padding: .same),
    Form(images: 5, side: 6, inputs: 32, outputs: 16, kernel: 1, passes: 1),
    // Strided places are gathered first: what oneDNN 2.6 did not survive.
    Form(images: 3, side: 7, inputs: 32, outputs: 48, kernel: 1, stride: 2, passes: 1),
    Form(images: 3, side: 56, inputs: 3, outputs: 8, kernel: 1, stride: 2, passes: 1),
    Form(images: 2, side: 10, inputs: 24, outputs: 24, kernel: 5, stride: 2, isDepthwise: true, passes: 2),
    Form(images: 1, side: 11, inputs: 32, outputs: 32, kernel: 3, stride: 2, isDepthwise: true, padding: .same),
    Form(images: 4, side: 8, inputs: 16, outputs: 16, kernel: 3, isDepthwise: true),
    Form(images: 8, side: 44, inputs: 3, outputs: 8, kernel: 3, stride: 2, padding: .same),
    Form(images: 8, side: 22, inputs: 8, outputs: 8, kernel: 3, isDepthwise: true, padding: .same),
    Form(images: 8, side: 22, inputs: 48, outputs: 48, kernel: 3, stride: 2, isDepthwise: true, padding: .same),
    Form(images: 8, side: 11, inputs: 72, outputs: 72, kernel: 3, isDepthwise: true, padding: .same),
    Form(
      images: 8, side: 11, inputs: 72, outputs: 72, kernel: 5, stride: 2, isDepthwise: true, padding: .same, passes: 2),
    Form(images: 8, side: 6, inputs: 60, outputs: 60, kernel: 5, isDepthwise: true, padding: .same, passes: 2),
    Form(images: 8, side: 6, inputs: 96, outputs: 40, kernel: 1, passes: 1),
    Form(images: 8, side: 6, inputs: 20, outputs: 40, kernel: 1, passes: 1),
    Form(images: 8, side: 22, inputs: 8, outputs: 48, kernel: 1, passes: 1),
    Form(images: 8, side: 22, inputs: 12, outputs: 72, kernel: 1, passes: 1),
  ]

  @Test(arguments: forms, [1, 2, 3]) func theyAgree(_ form: Form, threads: Int) throws {
    let own = try values(of: form, Engine(threadCount: 1, products: ProductChoice(.openBLAS)))
    let other = try values(of: form, Engine(threadCount: threads, products: ProductChoice(.oneDNN)))
    for (own, other) in zip(own, other) {
      #expect(difference(other, own, relative: 1e-5, scale: .largest) == nil)
    }
  }

  /// Of numbers that bfloat16 holds exactly: nothing is rounded then before results are, and these stay fp32.
  @Test(.enabled(if: Precision.bf16.isSupported), arguments: forms, [1, 2, 3])
  func theyAgreeInBFloat16(_ form: Form, threads: Int) throws {
    let own = try values(of: form, Engine(threadCount: 1, products: ProductChoice(.openBLAS)), isCoarse: true)
    let engine = Engine(threadCount: threads, precision: .bf16, products: ProductChoice(.oneDNN))
    for (own, other) in zip(own, try values(of: form, engine, isCoarse: true)) {
      #expect(difference(other, own, relative: 1e-5, scale: .largest) == nil)
    }
  }

  /// Otherwise nothing would have been compared.
  @Test(.enabled(if: Precision.best == .bf16)) func oneDNNHasKernelsForThemInBFloat16() throws {
    for form in Self.forms where form.inputs % 16 == 0 {
      let engine = Engine(threadCount: 2, precision: .bf16, products: ProductChoice(.oneDNN))
      _ = try values(of: form, engine)
      #expect(engine.directConvolutions == form.passes, "\(form)")
    }
  }

  @Test(.enabled(if: KernelLevel.best == .avx512)) func oneDNNHasKernelsForThem() throws {
    for form in Self.forms {
      let engine = Engine(threadCount: 2, products: ProductChoice(.oneDNN))
      _ = try values(of: form, engine)
      #expect(engine.directConvolutions == form.passes, "\(form)")
    }
  }

  /// Those that read memory which nobody gave them, one in some thousands, are not taken: of products that are not deep.
  @Test(arguments: [Precision.fp32, .bf16].filter(\.isSupported))
  func kernelsThatReadWhatIsNotTheirsAreLeftOut(_ precision: Precision) throws {
    for form in Self.forms where form.inputs < 16 {
      let engine = Engine(threadCount: 2, precision: precision, products: ProductChoice(.oneDNN))
      _ = try values(of: form, engine)
      let names = engine.convolutionKernels
      #expect(names.allSatisfy { !$0.hasPrefix("brg") }, "\(form): \(names)")
      #expect(KernelLevel.best != .avx512 || names.contains { $0.hasPrefix("jit") }, "\(form): \(names)")
    }
  }

  /// Weights in the order of inference, with what follows the convolution, and images as they are loaded.
  @Test(arguments: [Activation.relu, .relu6, .geluErf], [1, 3])
  func inferenceAgrees(_ activation: Activation, threads: Int) {
    let own = inferred(activation, Engine(threadCount: threads, products: ProductChoice(.openBLAS)))
    let other = inferred(activation, Engine(threadCount: threads, products: ProductChoice(.oneDNN)))
    #expect(difference(other, own, relative: 1e-5, scale: .largest) == nil)
  }

  /// Both round the same numbers to 8 bits, whose sums were taken in another order.
  @Test(.enabled(if: Precision.bf16.isSupported), arguments: [Activation.relu, .relu6, .geluErf], [1, 3])
  func inferenceAgreesInBFloat16(_ activation: Activation, threads: Int) {
    let results = ProductLibrary.allCases.map {
      inferred(activation, Engine(threadCount: threads, precision: .bf16, products: ProductChoice($0)))
    }
    #expect(difference(results[1], results[0], relative: 1.0 / 128, scale: .largest) == nil)
  }

  private func inferred(_ activation: Activation, _ engine: Engine) -> [Float] {
    let tape = Tape(engine, recording: false)
    let first = tape.convolution(
      drawn([2, 3, 12, 12], 0.377, engine, 8), weight: drawn([16, 3, 3, 3], 0.619, engine),
      bias: drawn([16], 0.21, engine), padding: .even(1), layout: .channelsFirst, activation: activation)
    return tape.convolution(
      first, weight: drawn([24, 3, 3, 16], 0.531, engine), padding: .even(1), isTapsFirst: true, activation: activation
    ).values()
  }

  /// A second gradient of the same tensors is added to the first.
  @Test func gradientsAddUp() throws {
    let engine = Engine(threadCount: 2, products: ProductChoice(.oneDNN))
    let (x, weight) = (drawn([2, 6, 6, 16], 0.377, engine), drawn([16, 16, 3, 3], 0.619, engine))
    func run() throws -> (x: [Float], weight: [Float]) {
      let tape = Tape(engine)
      let y = tape.convolution(x, weight: weight, padding: .even(1))
      try tape.backward(from: [(y, drawn(y.shape, 0.71, engine))])
      return (x.gradientValues(), weight.gradientValues())
    }
    let (first, second) = (try run(), try run())
    for (once, twice) in [(first.x, second.x), (first.weight, second.weight)] {
      #expect(difference(twice, once.map { 2 * $0 }, relative: 1e-6, scale: .largest) == nil)
    }
  }

  /// Two tapes that share arranged weights compute with the same; and one that does not sees them change.
  @Test func arrangedWeightsLiveAsLongAsTheyAreTold() {
    let engine = Engine(threadCount: 1, products: ProductChoice(.oneDNN))
    let (x, weight) = (drawn([1, 6, 6, 16], 0.377, engine), drawn([16, 16, 3, 3], 0.619, engine))
    let arranged = ArrangedWeights()
    func result(_ shared: ArrangedWeights?) -> [Float] {
      Tape(engine, recording: false, arrangedWeights: shared).convolution(x, weight: weight, padding: .even(1)).values()
    }
    let first = result(arranged)
    weight.withMutableValues { for index in $0.indices { $0[index] *= 2 } }
    #expect(result(arranged) == first)
    #expect(result(nil) == first.map { 2 * $0 })
  }

  /// y, dx and dw.
  private func values(of form: Form, _ engine: Engine, isCoarse: Bool = false) throws -> [[Float]] {
    func drawn(_ shape: [Int], _ step: Float) -> Tensor { self.drawn(shape, step, engine, isCoarse: isCoarse) }
    let x = drawn([form.images, form.side, form.side, form.inputs], 0.377)
    let weight = drawn([form.outputs, form.isDepthwise ? 1 : form.inputs, form.kernel, form.kernel], 0.619)
    let padding = form.padding ?? .even(form.kernel / 2)
    let tape = Tape(engine)
    let y =
      form.isDepthwise
      ? tape.depthwiseConvolution(x, weight: weight, stride: form.stride, padding: padding, keepsFloat32: true)
      : tape.convolution(x, weight: weight, stride: form.stride, padding: padding, keepsFloat32: true)
    try tape.backward(from: [(y, drawn(y.shape, 0.71))])
    return [y.values(), x.gradientValues(), weight.gradientValues()]
  }

  /// - Parameter isCoarse: of 6 bits.
  private func drawn(
    _ shape: [Int], _ step: Float, _ engine: Engine, _ scale: Float = 1, isCoarse: Bool = false
  ) -> Tensor {
    let values = (0..<shape.reduce(1, *)).map {
      scale * ((Float($0) * step).truncatingRemainder(dividingBy: 1) - 0.5)
    }
    return engine.tensor(
      isCoarse ? values.map { ($0 * 64).rounded() / 64 } : values, shape: shape, requiresGradient: scale == 1)
  }
}
