internal import Layers
internal import TensorEngine

/// Convolutions side by side, each with batch norm, added up (Vasu et al., "MobileOne", 2023), or folded into one
/// convolution. Keys as in timm: `conv_kxk.0`, `conv_scale`, `identity`, or `reparam_conv`.
struct MobileOneBlock {
  let form: ConvolutionForm
  let body: Body
  let squeeze: SqueezeExcitation?
  let activation: Activation

  enum Body {
    case branches(kernel: NormalizedConvolution?, scale: NormalizedConvolution?, identity: BatchNorm?)
    case folded(Convolution)
  }

  /// What a block is made of beside its size.
  struct Parts {
    var hasKernel = true
    var hasScale = true
    /// Channels of the squeezed gate, where there is one.
    var squeezed: Int?
    var activation = Activation.geluErf
    var hasBranches: Bool
  }

  init(_ builder: ParameterBuilder, _ form: ConvolutionForm, _ parts: Parts) {
    self.form = form
    activation = parts.activation
    squeeze = parts.squeezed.map { SqueezeExcitation(builder["se"], channels: form.outputs, reduced: $0) }
    guard parts.hasBranches else {
      body = .folded(Convolution(builder, "reparam_conv", form, hasBias: true))
      return
    }
    var point = form
    point.kernel = 1
    body = .branches(
      kernel: parts.hasKernel ? NormalizedConvolution(builder, "conv_kxk.0", form) : nil,
      scale: parts.hasScale && form.kernel > 1 ? NormalizedConvolution(builder, "conv_scale", point) : nil,
      identity: form.keepsShape ? BatchNorm(builder, "identity", channels: form.inputs) : nil)
  }

  /// x [B, H, W, I] → [B, H', W', O]
  func callAsFunction(_ x: Tensor, layout: ImageLayout = .channelsLast, _ tape: Tape) -> Tensor {
    if case .folded(let convolution) = body, squeeze == nil, tape.engine.precision == .fp32 {
      return convolution(x, layout: layout, activation: activation, tape)
    }
    // What a stage begins with is fp32 at every precision: all its blocks add to it.
    let sum = summed(x, layout: layout, tape)
    let gated = squeeze.map { $0(sum, tape) } ?? sum
    return activation == .none ? gated : tape.activate(gated, activation)
  }

  private func summed(_ x: Tensor, layout: ImageLayout, _ tape: Tape) -> Tensor {
    switch body {
    case .folded(let convolution): return convolution(x, layout: layout, keepsFloat32: true, tape)
    case .branches(let kernel, let scale, let identity):
      let branches = [kernel?(x, layout: layout, tape), scale?(x, layout: layout, tape), identity?(x, tape)]
      let made = branches.compactMap { $0 }
      precondition(!made.isEmpty, "a MobileOne block without a branch")
      return made.dropFirst().reduce(made[0]) { tape.add($0, $1) }
    }
  }

  var foldedKernel: FoldedKernel {
    switch body {
    case .folded(let convolution): return FoldedKernel(convolution)
    case .branches(let kernel, let scale, let identity):
      let parts = [
        kernel.map { FoldedKernel($0) }, scale.map { FoldedKernel($0) },
        identity.map { FoldedKernel($0, form: form) },
      ].compactMap { $0 }
      return parts.dropFirst().reduce(parts[0], +)
    }
  }

  /// Fills the convolution of a block that is like this one, but folded.
  func fold(into folded: MobileOneBlock) {
    if case .folded(let convolution) = folded.body { foldedKernel.write(into: convolution) }
  }
}

/// A large depthwise convolution and a small one, each with batch norm, added up (Ding et al., "RepLKNet", 2022), then a
/// gate and GELU: the first half of a downsampling. Keys `large_conv`, `small_conv`, or `reparam_conv`.
struct LargeKernelBlock {
  let body: Body
  let squeeze: SqueezeExcitation?
  let activation: Activation

  enum Body {
    case branches(large: NormalizedConvolution, small: NormalizedConvolution)
    case folded(Convolution)
  }

  init(
    _ builder: ParameterBuilder, _ form: ConvolutionForm, squeezed: Int?, activation: Activation, hasBranches: Bool
  ) {
    self.activation = activation
    squeeze = squeezed.map { SqueezeExcitation(builder["se"], channels: form.outputs, reduced: $0) }
    guard hasBranches else {
      body = .folded(Convolution(builder, "reparam_conv", form, hasBias: true))
      return
    }
    var small = form
    small.kernel = 3
    body = .branches(
      large: NormalizedConvolution(builder, "large_conv", form),
      small: NormalizedConvolution(builder, "small_conv", small))
  }

  func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
    let sum =
      switch body {
      case .folded(let convolution): convolution(x, keepsFloat32: true, tape)
      case .branches(let large, let small): tape.add(large(x, tape), small(x, tape))
      }
    return tape.activate(squeeze.map { $0(sum, tape) } ?? sum, activation)
  }

  func fold(into folded: LargeKernelBlock) {
    guard case .branches(let large, let small) = body, case .folded(let convolution) = folded.body else { return }
    (FoldedKernel(large) + FoldedKernel(small)).write(into: convolution)
  }
}
