internal import Layers
internal import TensorEngine

/// A convolution, the norm of its result and an activation, f(norm(x * w) + residual); folded, the norm is part of the
/// convolution.
struct ConvolutionUnit {
  let body: Body
  let layout: ImageLayout
  let activation: Activation

  enum Body {
    case normalized(NormalizedConvolution)
    case folded(Convolution)
  }

  /// What the norms of a network are like.
  struct Norms {
    var epsilon: Float = 1e-5
    var momentum: Float = 0.1
    /// Whether they are part of the convolutions.
    var areFolded: Bool
  }

  /// - Parameters:
  ///   - names: of convolution and norm.
  ///   - layout: of what it reads.
  init(
    _ builder: ParameterBuilder, _ names: (String, String), _ form: ConvolutionForm, _ norms: Norms,
    layout: ImageLayout = .channelsLast, activation: Activation
  ) {
    (self.layout, self.activation) = (layout, activation)
    var fastest = form
    fastest.isTapsFirst = layout == .channelsLast && form.kernel > 1 && !form.isDepthwise
    body =
      norms.areFolded
      ? .folded(Convolution(builder, names.0, fastest, hasBias: true))
      : .normalized(
        NormalizedConvolution(
          builder, names: (names.0, names.1), form, epsilon: norms.epsilon, momentum: norms.momentum))
  }

  /// x [B, H, W, I] → [B, H', W', O]
  func callAsFunction(_ x: Tensor, adding residual: Tensor? = nil, _ tape: Tape) -> Tensor {
    switch body {
    case .normalized(let unit): unit(x, layout: layout, adding: residual, activation: activation, tape)
    case .folded(let convolution): convolution(x, layout: layout, adding: residual, activation: activation, tape)
    }
  }

  /// Fills a unit that is like this one, but folded.
  func fold(into folded: ConvolutionUnit) {
    guard case .normalized(let unit) = body, case .folded(let target) = folded.body else {
      preconditionFailure("a unit with a norm is folded, and into one without")
    }
    FoldedKernel(unit).write(into: target)
  }
}
