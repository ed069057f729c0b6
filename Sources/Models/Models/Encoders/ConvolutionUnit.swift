internal import Layers
internal import TensorEngine

/// A convolution, the norm of its result and an activation, f(norm(x * w) + residual); folded, the norm is part of the
/// convolution.
struct ConvolutionUnit {
  let body: Body
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

  /// - Parameter names: of convolution and norm.
  init(
    _ builder: ParameterBuilder, _ names: (String, String), _ form: ConvolutionForm, _ norms: Norms,
    activation: Activation
  ) {
    self.activation = activation
    body =
      norms.areFolded
      ? .folded(Convolution(builder, names.0, form, hasBias: true))
      : .normalized(
        NormalizedConvolution(
          builder, names: (names.0, names.1), form, epsilon: norms.epsilon, momentum: norms.momentum))
  }

  /// x [B, H, W, I] → [B, H', W', O]
  func callAsFunction(
    _ x: Tensor, layout: ImageLayout = .channelsLast, adding residual: Tensor? = nil, _ tape: Tape
  ) -> Tensor {
    switch body {
    case .normalized(let unit): unit(x, layout: layout, adding: residual, activation: activation, tape)
    case .folded(let convolution): convolution(x, layout: layout, adding: residual, activation: activation, tape)
    }
  }

  /// Keeps the weights of a folded one as inference reads them fastest; they must not change any more.
  func prepare(_ engine: Engine) {}

  /// Fills a unit that is like this one, but folded.
  func fold(into folded: ConvolutionUnit) {
    guard case .folded(let target) = folded.body else { preconditionFailure("a unit is folded into one with a norm") }
    switch body {
    case .normalized(let unit): FoldedKernel(unit).write(into: target)
    case .folded(let convolution): FoldedKernel(convolution).write(into: target)
    }
  }
}
