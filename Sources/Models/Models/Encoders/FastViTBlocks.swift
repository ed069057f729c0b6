internal import Layers
internal import TensorEngine

// The blocks of FastViT (Vasu et al., 2023), on images [B, H, W, C]. Keys as in timm. Folded, a block's norms, scales and
// skip connections are part of its convolutions and products, but for one addition.

/// The skip connection's partner: x + γ f(x), with γ a factor a channel, or folded into f.
struct LayerScale {
  let factor: Parameter?

  init(_ builder: ParameterBuilder, _ name: String, channels: Int, isThere: Bool) {
    factor = isThere ? builder.parameter(name + ".gamma", [channels, 1, 1], .constant(1e-5)) : nil
  }

  func callAsFunction(_ x: Tensor, adding residual: Tensor, _ tape: Tape) -> Tensor {
    guard let factor else { return tape.add(residual, x) }
    return tape.scaleChannels(x, by: factor.tensor, adding: residual)
  }
}

/// Tokens mixed by a depthwise convolution: x + γ (mixer(x) - norm(x)), or one convolution.
struct RepMixer {
  let body: Body

  enum Body {
    case branches(norm: MobileOneBlock, mixer: MobileOneBlock, scale: LayerScale)
    case folded(Convolution)
  }

  init(_ builder: ParameterBuilder, width: Int, hasBranches: Bool) {
    let form = ConvolutionForm(inputs: width, outputs: width, kernel: 3, isDepthwise: true)
    guard hasBranches else {
      body = .folded(Convolution(builder, "reparam_conv", form, hasBias: true))
      return
    }
    body = .branches(
      norm: MobileOneBlock(
        builder["norm"], form, .init(hasKernel: false, hasScale: false, activation: .none, hasBranches: true)),
      mixer: MobileOneBlock(builder["mixer"], form, .init(activation: .none, hasBranches: true)),
      scale: LayerScale(builder, "layer_scale", channels: width, isThere: true))
  }

  func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
    switch body {
    case .folded(let convolution): return convolution(x, keepsFloat32: true, tape)
    case .branches(let norm, let mixer, let scale):
      return scale(tape.add(mixer(x, tape), tape.scale(norm(x, tape), by: -1)), adding: x, tape)
    }
  }

  func fold(into folded: RepMixer) {
    guard case .branches(let norm, let mixer, let scale) = body, case .folded(let convolution) = folded.body,
      let factors = scale.factor?.doubles
    else { return }
    let identity = FoldedKernel(identity: convolution.form)
    let mixed = mixer.foldedKernel.scaled(by: factors)
    (identity + mixed + norm.foldedKernel.scaled(by: factors.map { -$0 })).write(into: convolution)
  }
}

/// A depthwise convolution with batch norm, then a perceptron on each place: the second half of a block.
struct ConvolutionPerceptron {
  let body: Body
  let expand: Convolution
  let contract: Convolution

  enum Body {
    case normalized(NormalizedConvolution)
    case folded(Convolution)
  }

  init(_ builder: ParameterBuilder, width: Int, hidden: Int, hasNorms: Bool) {
    let form = ConvolutionForm(inputs: width, outputs: width, kernel: 7, isDepthwise: true)
    body =
      hasNorms
      ? .normalized(NormalizedConvolution(builder, "conv", form))
      : .folded(Convolution(builder["conv"], "conv", form, hasBias: true))
    expand = Convolution(builder, "fc1", ConvolutionForm(inputs: width, outputs: hidden, kernel: 1), hasBias: true)
    contract = Convolution(builder, "fc2", ConvolutionForm(inputs: hidden, outputs: width, kernel: 1), hasBias: true)
  }

  /// x + its result times `scale`
  func callAsFunction(_ x: Tensor, scale: LayerScale, _ tape: Tape) -> Tensor {
    let mixed =
      switch body {
      case .normalized(let convolution): convolution(x, tape)
      case .folded(let convolution): convolution(x, tape)
      }
    let made = tape.perceptron(
      mixed, hidden: (expand.weight.tensor, expand.bias?.tensor),
      output: (contract.weight.tensor, contract.bias?.tensor), activation: .geluErf,
      adding: scale.factor == nil ? x : nil)
    return scale.factor == nil ? made : scale(made, adding: x, tape)
  }

  /// Keeps the weights as inference reads them fastest; they must not change any more.
  func prepare(_ engine: Engine) {
    for parameter in [expand.weight, contract.weight] { parameter.tensor.panels = engine.panels(of: parameter.tensor) }
  }

  /// Its result is also multiplied by `scale`.
  func fold(into folded: ConvolutionPerceptron, scale: LayerScale) {
    guard case .normalized(let normalized) = body, case .folded(let convolution) = folded.body,
      let factors = scale.factor?.doubles
    else { return }
    FoldedKernel(normalized).write(into: convolution)
    FoldedKernel(contract).scaled(by: factors).write(into: folded.contract)
  }
}

/// A block of the early stages: RepMixer, then the perceptron.
struct RepMixerBlock {
  let mixer: RepMixer
  let perceptron: ConvolutionPerceptron
  let scale: LayerScale

  init(_ builder: ParameterBuilder, width: Int, hidden: Int, _ folding: Folding) {
    mixer = RepMixer(builder["token_mixer"], width: width, hasBranches: folding.hasBranches)
    perceptron = ConvolutionPerceptron(builder["mlp"], width: width, hidden: hidden, hasNorms: folding.hasNorms)
    scale = LayerScale(builder, "layer_scale", channels: width, isThere: folding.hasNorms)
  }

  func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
    perceptron(mixer(x, tape), scale: scale, tape)
  }

  func fold(into folded: RepMixerBlock) {
    mixer.fold(into: folded.mixer)
    perceptron.fold(into: folded.perceptron, scale: scale)
  }
}

/// A block of the last stage: self-attention of an image's places, then the perceptron.
struct AttentionBlock {
  let heads: Int
  let norm: BatchNorm?
  let inProjection: Linear
  let outProjection: Linear
  let attentionScale: LayerScale
  let perceptron: ConvolutionPerceptron
  let perceptronScale: LayerScale

  init(_ builder: ParameterBuilder, width: Int, headWidth: Int, hidden: Int, hasNorms: Bool) {
    heads = width / headWidth
    norm = hasNorms ? BatchNorm(builder, "norm", channels: width) : nil
    let mixer = builder["token_mixer"]
    inProjection = Linear(
      mixer, "qkv", inputs: width, outputs: 3 * width, hasBias: !hasNorms, standardDeviation: 0.02)
    outProjection = Linear(
      mixer, "proj", inputs: width, outputs: width, keepsFloat32: true, standardDeviation: 0.02)
    attentionScale = LayerScale(builder, "layer_scale_1", channels: width, isThere: hasNorms)
    perceptron = ConvolutionPerceptron(builder["mlp"], width: width, hidden: hidden, hasNorms: hasNorms)
    perceptronScale = LayerScale(builder, "layer_scale_2", channels: width, isThere: hasNorms)
  }

  func callAsFunction(_ x: Tensor, _ segments: AttentionSegments, _ tape: Tape) -> Tensor {
    let projected = inProjection(norm.map { $0(x, tape) } ?? x, tape)
    let attended = tape.attention(
      queryKeyValue: projected, heads: heads, segments: segments)
    let mixed = attentionScale(outProjection(attended, tape), adding: x, tape)
    return perceptron(mixed, scale: perceptronScale, tape)
  }

  func fold(into folded: AttentionBlock) {
    perceptron.fold(into: folded.perceptron, scale: perceptronScale)
    guard let norm, let factors = attentionScale.factor?.doubles else { return }
    // W (f x + s) = (W f) x + W s
    let (map, width, weight) = (ChannelMap(norm), norm.weight.count, inProjection.weight.doubles)
    folded.inProjection.weight.assign(weight.enumerated().map { $1 * map.factor[$0 % width] })
    folded.inProjection.bias?.assign(
      (0..<3 * width).map { row in
        (0..<width).reduce(0) { $0 + weight[row * width + $1] * map.summand[$1] }
      })
    folded.outProjection.weight.assign(
      outProjection.weight.doubles.enumerated().map { $1 * factors[$0 / width] })
    folded.outProjection.bias?.assign(zip(outProjection.bias?.doubles ?? [], factors).map { $0 * $1 })
  }
}
