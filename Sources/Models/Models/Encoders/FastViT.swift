internal import Layers
internal import TensorEngine

/// FastViT, MobileCLIP's image tower (Vasu et al., "FastViT", 2023; "MobileCLIP", 2024): a stem, stages of blocks with a
/// downsampling before each but the first, a last convolution, the mean over the image. Keys as in timm.
struct FastViT: ConvolutionalEncoder {
  let configuration: MobileCLIPConfiguration.Vision
  let stem: [MobileOneBlock]
  let stages: [FastViTStage]
  let last: MobileOneBlock

  init(
    _ configuration: MobileCLIPConfiguration.Vision, _ builder: ParameterBuilder,
    _ folding: Folding
  ) {
    self.configuration = configuration
    stem = configuration.stem.enumerated().map {
      MobileOneBlock(builder["stem.\($0)"], $1, .init(hasBranches: folding.hasBranches))
    }
    stages = configuration.widths.indices.map {
      FastViTStage(configuration, stage: $0, builder["stages.\($0)"], folding)
    }
    last = MobileOneBlock(
      builder["final_conv"], configuration.last,
      .init(squeezed: configuration.squeezedOutput, hasBranches: folding.hasBranches))
  }

  let group = 4
  var width: Int { configuration.outputWidth }
  var grid: TokenGrid { configuration.grid }

  /// The last convolution's map.
  func map(of pixels: Tensor, _ tape: Tape) -> Tensor {
    last(stages.reduce(started(pixels, tape)) { $1($0, tape) }, tape)
  }

  private func started(_ pixels: Tensor, _ tape: Tape) -> Tensor {
    stem.dropFirst().reduce(stem[0](pixels, layout: .channelsFirst, tape)) { $1($0, tape) }
  }

  func prepare(_ engine: Engine) {
    for stage in stages {
      switch stage.blocks {
      case .mixers(let blocks): for block in blocks { block.perceptron.prepare(engine) }
      case .attentions(let blocks): for block in blocks { block.perceptron.prepare(engine) }
      }
    }
  }

  func fold(into folded: FastViT) {
    for (block, target) in zip(stem, folded.stem) { block.fold(into: target) }
    for (stage, target) in zip(stages, folded.stages) { stage.fold(into: target) }
    last.fold(into: folded.last)
  }
}

extension FastViT: StagedEncoder {
  func maps(of pixels: Tensor, _ tape: Tape) -> [Tensor] {
    var (x, maps): (Tensor, [Tensor]) = (started(pixels, tape), [])
    for stage in stages {
      x = stage(x, tape)
      maps.append(x)
    }
    return maps
  }
}

extension FastViT: FoldableEncoder {
  func folded(_ builder: ParameterBuilder) -> (encoder: any FoldableEncoder, fill: () -> Void) {
    let made = FastViT(configuration, builder, .whole)
    return (made, { fold(into: made) })
  }
}

/// Blocks of one width, and what leads to them.
struct FastViTStage {
  let downsampling: (large: LargeKernelBlock, point: MobileOneBlock)?
  let position: ConditionalPosition?
  let blocks: Blocks

  enum Blocks {
    case mixers([RepMixerBlock])
    case attentions([AttentionBlock])
  }

  init(
    _ configuration: MobileCLIPConfiguration.Vision, stage: Int, _ builder: ParameterBuilder,
    _ folding: Folding
  ) {
    let width = configuration.widths[stage]
    let hidden = width * configuration.hiddenRatio
    if stage > 0 {
      let parts = builder["downsample"]["proj"]
      downsampling = (
        LargeKernelBlock(
          parts["0"], configuration.downsampling(toStage: stage), squeezed: configuration.squeezedWidth(ofStage: stage),
          activation: .geluErf, hasBranches: folding.hasBranches),
        MobileOneBlock(
          parts["1"], ConvolutionForm(inputs: width, outputs: width, kernel: 1),
          .init(hasBranches: folding.hasBranches))
      )
    } else {
      downsampling = nil
    }
    let isAttention = configuration.attentionStages.contains(stage)
    position =
      isAttention ? ConditionalPosition(builder["pos_emb"], width: width, hasBranches: folding.hasBranches) : nil
    let depth = 0..<configuration.depths[stage]
    blocks =
      isAttention
      ? .attentions(
        depth.map {
          AttentionBlock(
            builder["blocks.\($0)"], width: width, headWidth: configuration.headWidth, hidden: hidden,
            hasNorms: folding.hasNorms)
        })
      : .mixers(
        depth.map { RepMixerBlock(builder["blocks.\($0)"], width: width, hidden: hidden, folding) })
  }

  func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
    var x = x
    if let downsampling { x = downsampling.point(downsampling.large(x, tape), tape) }
    if let position { x = position(x, tape) }
    switch blocks {
    case .mixers(let blocks):
      for block in blocks { x = block(x, tape) }
    case .attentions(let blocks):
      let segments = AttentionSegments(offsets: (0...x.shape[0]).map { $0 * x.rows / x.shape[0] }, tokens: .image)
      for block in blocks { x = block(x, segments, tape) }
    }
    return x
  }

  func fold(into folded: FastViTStage) {
    if let downsampling, let target = folded.downsampling {
      downsampling.large.fold(into: target.large)
      downsampling.point.fold(into: target.point)
    }
    if let position, let target = folded.position { position.fold(into: target) }
    switch (blocks, folded.blocks) {
    case (.mixers(let blocks), .mixers(let targets)):
      for (block, target) in zip(blocks, targets) { block.fold(into: target) }
    case (.attentions(let blocks), .attentions(let targets)):
      for (block, target) in zip(blocks, targets) { block.fold(into: target) }
    default: preconditionFailure("a stage is folded into one of other blocks")
    }
  }
}

/// Positions by a depthwise convolution on top of x (Chu et al., "Conditional Positional Encodings", 2023). Keys `pos_enc`,
/// or `reparam_conv`, which has the skip connection in it.
struct ConditionalPosition {
  let convolution: Convolution
  let hasBranches: Bool

  init(_ builder: ParameterBuilder, width: Int, hasBranches: Bool) {
    convolution = Convolution(
      builder, hasBranches ? "pos_enc" : "reparam_conv",
      ConvolutionForm(inputs: width, outputs: width, kernel: 7, isDepthwise: true), hasBias: true)
    self.hasBranches = hasBranches
  }

  func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
    let y = convolution(x, keepsFloat32: true, tape)
    return hasBranches ? tape.add(y, x) : y
  }

  func fold(into folded: ConditionalPosition) {
    guard hasBranches else { return }
    (FoldedKernel(convolution) + FoldedKernel(identity: convolution.form)).write(into: folded.convolution)
  }
}
