internal import Reporting
public import TensorEngine

/// How long one pass of a convolution takes.
public struct ConvolutionTime: Sendable {
  public let pass: ConvolutionPass
  /// Seconds of the engine's own: windows copied side by side and one product, or a kernel for each channel.
  public let own: Double
  /// With oneDNN's kernels where the engine takes them.
  public let oneDNN: Double
}

/// The convolutions of ResNet's and EfficientNet's stages, from stem to end.
public func publishedConvolutions(images: Int) -> [ConvolutionShape] {
  func dense(_ inputs: Int, _ outputs: Int, _ side: Int, _ kernel: Int, stride: Int = 1) -> ConvolutionShape {
    ConvolutionShape(images: images, side: side, inputs: inputs, outputs: outputs, kernel: kernel, stride: stride)
  }
  func depthwise(_ channels: Int, _ side: Int, _ kernel: Int, stride: Int = 1) -> ConvolutionShape {
    ConvolutionShape(
      images: images, side: side, inputs: channels, outputs: channels, kernel: kernel, stride: stride,
      isDepthwise: true)
  }
  return [
    dense(3, 64, 224, 7, stride: 2), dense(64, 64, 56, 3), dense(128, 128, 56, 3, stride: 2), dense(128, 128, 28, 3),
    dense(256, 256, 14, 3), dense(512, 512, 7, 3), dense(64, 256, 56, 1), dense(1024, 256, 14, 1),
    depthwise(32, 112, 3), depthwise(96, 112, 3, stride: 2), depthwise(240, 28, 5), depthwise(672, 14, 5),
    depthwise(1152, 7, 3),
  ]
}

/// Times the three passes of a convolution on all the engine's threads, without oneDNN's kernels and with them, in turns: the best
/// of `repetitions` each, after one for warmth. Images lie [B, H, W, C]; weights as inference and training have them.
public func measure(_ shape: ConvolutionShape, repetitions: Int, _ engine: Engine) throws -> [ConvolutionTime] {
  let operands = ConvolutionOperands(shape, engine)
  let products = engine.products
  defer { engine.products = products }
  return try ConvolutionPass.allCases.map { pass in
    var best: [ProductLibrary: Double] = [:]
    for repetition in 0...repetitions {
      for library in ProductLibrary.allCases {
        engine.products.convolutions = library
        let seconds = try operands.seconds(of: pass)
        if repetition > 0 { best[library] = min(best[library] ?? .infinity, seconds) }
      }
    }
    return ConvolutionTime(pass: pass, own: best[.openBLAS] ?? 0, oneDNN: best[.oneDNN] ?? 0)
  }
}

private func timed(_ work: () throws -> Void) rethrows -> Double {
  let start = monotonicSeconds()
  try work()
  return monotonicSeconds() - start
}

/// What both compute with.
private struct ConvolutionOperands {
  let shape: ConvolutionShape
  let engine: Engine
  let x: Tensor, y: Tensor
  /// As files have it.
  let plainWeight: Tensor
  let arranged = ArrangedWeights()
  /// As inference has it: in the order in which windows are read fastest.
  let fastWeight: Tensor

  init(_ shape: ConvolutionShape, _ engine: Engine) {
    (self.shape, self.engine) = (shape, engine)
    func filled(_ shape: [Int]) -> Tensor {
      engine.tensor((0..<shape.reduce(1, *)).map { Float($0 % 17) / 16 - 0.4 }, shape: shape)
    }
    (x, y, plainWeight) = (filled(shape.inputShape), filled(shape.outputShape), filled(shape.weightShape))
    fastWeight = shape.isDepthwise ? plainWeight : filled([shape.outputs, shape.kernel, shape.kernel, shape.inputs])
  }

  /// Seconds of one pass, without those that it needs before it.
  func seconds(of pass: ConvolutionPass) throws -> Double {
    let isForward = pass == .forward
    let tape = Tape(engine, recording: !isForward, arrangedWeights: isForward ? arranged : nil)
    let isTapsFirst = isForward && !shape.isDepthwise && shape.kernel > 1
    let weight = isTapsFirst ? fastWeight : copy(plainWeight, shape: shape.weightShape, learns: pass == .weights)
    let x = copy(x, shape: shape.inputShape, learns: pass == .inputs)
    func convolved() -> Tensor {
      shape.isDepthwise
        ? tape.depthwiseConvolution(x, weight: weight, stride: shape.stride, padding: shape.padding)
        : tape.convolution(
          x, weight: weight, stride: shape.stride, padding: shape.padding, isTapsFirst: isTapsFirst)
    }
    guard !isForward else { return timed { _ = convolved() } }
    let made = convolved()
    return try timed { try tape.backward(from: [(made, y)]) }
  }

  private func copy(_ tensor: Tensor, shape: [Int], learns: Bool) -> Tensor {
    engine.tensor(tensor.values(), shape: shape, requiresGradient: learns)
  }
}
