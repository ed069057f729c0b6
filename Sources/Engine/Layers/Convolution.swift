public import TensorEngine

/// The sizes of a convolution with square kernels and zeros around the image.
public struct ConvolutionForm: Sendable, Equatable {
  public var inputs: Int
  public var outputs: Int
  public var kernel: Int
  public var stride = 1
  /// Each input channel has kernels of its own, outputs / inputs of them; otherwise each output reads all inputs.
  public var isDepthwise = false
  /// Nil for half a kernel on each side.
  public var statedPadding: WindowPadding?

  public init(
    inputs: Int, outputs: Int, kernel: Int, stride: Int = 1, isDepthwise: Bool = false, padding: WindowPadding? = nil
  ) {
    (self.inputs, self.outputs, self.kernel) = (inputs, outputs, kernel)
    (self.stride, self.isDepthwise, statedPadding) = (stride, isDepthwise, padding)
  }

  /// Whether weights are [outputs, kernel, kernel, inputs]: the order in which images [B, H, W, C] are read fastest, and in
  /// which no file has them.
  public var isTapsFirst = false

  public var padding: WindowPadding { statedPadding ?? .even(kernel / 2) }

  public var weightShape: [Int] {
    isTapsFirst ? [outputs, kernel, kernel, inputs] : [outputs, isDepthwise ? 1 : inputs, kernel, kernel]
  }
  /// Whether the result may be added to the input.
  public var keepsShape: Bool { inputs == outputs && stride == 1 }
}

/// A convolution of images [B, H, W, C].
public struct Convolution {
  public let form: ConvolutionForm
  public let weight: Parameter
  public let bias: Parameter?

  public init(_ builder: ParameterBuilder, _ name: String, _ form: ConvolutionForm, hasBias: Bool) {
    self.form = form
    let builder = builder[name]
    // He et al. (2015), by what each output reads.
    let inputs = Float(form.weightShape.dropFirst().reduce(1, *))
    weight = builder.parameter("weight", form.weightShape, .normal(standardDeviation: (1 / inputs).squareRoot()))
    bias = hasBias ? builder.parameter("bias", [form.outputs], .constant(0)) : nil
  }

  /// f(x * w + b + residual): x [B, H, W, I] → [B, H', W', O].
  /// - Parameter residual: makes the result fp32 at every precision.
  public func callAsFunction(
    _ x: Tensor, layout: ImageLayout = .channelsLast, adding residual: Tensor?, activation: Activation = .none,
    _ tape: Tape
  ) -> Tensor {
    guard let residual else { return self(x, layout: layout, activation: activation, tape) }
    let sum = tape.add(self(x, layout: layout, keepsFloat32: true, tape), residual)
    return activation == .none ? sum : tape.activate(sum, activation)
  }

  /// The same without a residual.
  /// - Parameter keepsFloat32: the result is fp32 at every precision; only without an activation.
  public func callAsFunction(
    _ x: Tensor, layout: ImageLayout = .channelsLast, activation: Activation = .none, keepsFloat32: Bool = false,
    _ tape: Tape
  ) -> Tensor {
    guard form.isDepthwise else {
      return tape.convolution(
        x, weight: weight.tensor, bias: bias?.tensor, stride: form.stride, padding: form.padding, layout: layout,
        isTapsFirst: form.isTapsFirst, activation: activation, keepsFloat32: keepsFloat32)
    }
    let repeated = tape.repeatChannels(x, times: form.outputs / form.inputs)
    let y = tape.depthwiseConvolution(
      repeated, weight: weight.tensor, bias: bias?.tensor, stride: form.stride, padding: form.padding,
      keepsFloat32: keepsFloat32)
    return activation == .none ? y : tape.activate(y, activation)
  }
}

/// A convolution without bias, and batch norm of its result.
public struct NormalizedConvolution {
  public let convolution: Convolution
  public let norm: BatchNorm

  public init(_ builder: ParameterBuilder, _ name: String, _ form: ConvolutionForm) {
    self.init(builder[name], names: ("conv", "bn"), form)
  }

  /// - Parameter names: of convolution and norm.
  public init(
    _ builder: ParameterBuilder, names: (convolution: String, norm: String), _ form: ConvolutionForm,
    epsilon: Float = 1e-5, momentum: Float = 0.1
  ) {
    convolution = Convolution(builder, names.convolution, form, hasBias: false)
    norm = BatchNorm(builder, names.norm, channels: form.outputs, epsilon: epsilon, momentum: momentum)
  }

  /// f(norm(x * w) + residual)
  public func callAsFunction(
    _ x: Tensor, layout: ImageLayout = .channelsLast, adding residual: Tensor? = nil, activation: Activation = .none,
    _ tape: Tape
  ) -> Tensor {
    norm(convolution(x, layout: layout, keepsFloat32: true, tape), adding: residual, activation: activation, tape)
  }
}
