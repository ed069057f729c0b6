import TensorEngine
import TestSupport
import Testing

/// What is measured beside oneDNN computes the same.
@Suite struct OneDNNConvolutionTests {
  static let shapes = [
    ConvolutionShape(images: 2, side: 9, inputs: 16, outputs: 24, kernel: 3),
    ConvolutionShape(images: 1, side: 13, inputs: 3, outputs: 16, kernel: 7, stride: 2),
    ConvolutionShape(images: 2, side: 6, inputs: 32, outputs: 16, kernel: 1),
    ConvolutionShape(images: 2, side: 10, inputs: 24, outputs: 24, kernel: 5, stride: 2, isDepthwise: true),
  ]

  @Test(arguments: shapes, [1, 2]) func theyAgree(_ shape: ConvolutionShape, threads: Int) throws {
    let engine = Engine(threadCount: threads)
    func drawn(_ shape: [Int], _ step: Float) -> Tensor {
      engine.tensor(
        (0..<shape.reduce(1, *)).map { (Float($0) * step).truncatingRemainder(dividingBy: 1) - 0.5 }, shape: shape,
        requiresGradient: true)
    }
    let (x, weight, dy) = (
      drawn(shape.inputShape, 0.377), drawn(shape.weightShape, 0.619), drawn(shape.outputShape, 0.71)
    )
    let tape = Tape(engine)
    let y =
      shape.isDepthwise
      ? tape.depthwiseConvolution(x, weight: weight, stride: shape.stride, padding: shape.padding)
      : tape.convolution(x, weight: weight, stride: shape.stride, padding: shape.padding)
    #expect(y.shape == shape.outputShape)
    try tape.backward(from: [(y, dy)])

    func other(_ pass: ConvolutionPass) throws -> OneDNNConvolution {
      let made = try #require(OneDNNConvolution(shape, pass, threads: threads))
      if pass != .weights { made.exchange(weight) }
      return made
    }
    let (result, dx, dw) = (drawn(y.shape, 0), drawn(x.shape, 0), drawn(weight.shape, 0))
    try other(.forward).run(x, result)
    try other(.inputs).run(dx, dy)
    let learning = try other(.weights)
    learning.run(x, dy)
    learning.exchange(dw)
    for (own, theirs) in [
      (y.values(), result.values()), (x.gradientValues(), dx.values()), (weight.gradientValues(), dw.values()),
    ] { #expect(difference(own, theirs, relative: 1e-5, scale: .largest) == nil) }
  }

  /// A forward pass, and a gradient, take two operations for each weight that an output reads.
  @Test func operationsAreCounted() {
    #expect(Self.shapes[0].operations == 2 * (2 * 9 * 9 * 24) * (16 * 9))
    #expect(Self.shapes[3].operations == 2 * (2 * 5 * 5 * 24) * 25)
  }
}
