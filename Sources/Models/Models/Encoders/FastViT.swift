internal import Layers
internal import TensorEngine

/// FastViT, MobileCLIP's image tower (Vasu et al., "FastViT", 2023; "MobileCLIP", 2024): a stem, stages of blocks with a
/// downsampling before each but the first, a last convolution, the mean over the image. Keys as in timm.
struct FastViT: PictureEncoder {
  let stem: [MobileOneBlock]
  let stages: [FastViTStage]
  let last: MobileOneBlock

  init(
    _ configuration: MobileCLIPConfiguration.Vision, _ builder: ParameterBuilder,
    _ folding: Folding
  ) {
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

  /// Images that go through the tower together where no gradient is wanted: what an operation writes is then still in
  /// the cache, which all cores share, when the next one reads it.
  private static let group = 4

  /// An image's state is the mean over its places: one row an image, whatever `tokens` says.
  func callAsFunction(_ pixels: Tensor, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    Encoding(pooled: tape.inGroups(of: Self.group, pixels) { means(of: $0, tape) })
  }

  /// pixels [B, 3, S, S] → the last convolution's means [B, 2W]
  private func means(of pixels: Tensor, _ tape: Tape) -> Tensor {
    var x = stem[0](pixels, layout: .channelsFirst, tape)
    for block in stem.dropFirst() { x = block(x, tape) }
    for stage in stages { x = stage(x, tape) }
    x = last(x, tape)
    return tape.meanOverPlaces(x)
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
      let segments = AttentionSegments(offsets: (0...x.shape[0]).map { $0 * x.rows / x.shape[0] })
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
