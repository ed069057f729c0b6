public import Layers
public import TensorEngine

/// MobileCLIP (Vasu et al., "MobileCLIP: Fast Image-Text Models through Multi-Modal Reinforced Training", 2024): a FastViT
/// image tower and a transformer text tower that looks both ways. Keys, shapes and semantics are those of open_clip's
/// MobileCLIP-S1 and S2, with `visual.trunk` from timm; folded, the image tower has timm's `reparam_conv`.
public final class MobileCLIP: FeatureModel, FoldableModel {
  public let configuration: MobileCLIPConfiguration
  let vision: FastViT
  let visualProjection: Linear
  let text: PaddedTextTower
  public let logitScale: Parameter
  public let logitBias: Parameter?

  public init(_ configuration: MobileCLIPConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    logitScale = builder.parameter("logit_scale", [], .constant(configuration.initialLogitScale))
    logitBias = configuration.initialLogitBias.map { builder.parameter("logit_bias", [], .constant($0)) }
    let trunk = builder["visual"]["trunk"]
    vision = FastViT(configuration.vision, trunk, configuration.folding)
    visualProjection = Linear(
      trunk["head"], "fc", inputs: configuration.vision.outputWidth, outputs: configuration.embeddingWidth,
      keepsFloat32: true, standardDeviation: 0.02)
    text = PaddedTextTower(configuration.text, embeddingWidth: configuration.embeddingWidth, builder["text"])
  }

  public var description: any ModelDescription { configuration }
  public var imageEncoder: any ImageEncoder { vision }
  public var textEncoder: any TextEncoder { text }

  public func imageFeatures(_ images: Encoding, _ tape: Tape) -> Tensor {
    tape.normalize(visualProjection(images.pooled(tape), tape))
  }

  public func textFeatures(_ texts: Encoding, _ tape: Tape) -> Tensor { text.features(texts, tape) }
}

// MARK: Inference

extension MobileCLIP {
  /// Keeps the image tower's largest weights a second time, in the order in which fp32 kernels read them. To be called
  /// once they are loaded, if they do not change any more; what it computes is the same up to rounding.
  public func prepareForInference(_ engine: Engine) {
    if engine.precision == .fp32 { vision.prepare(engine) }
  }

  public func folded(_ builder: ParameterBuilder) -> (model: any FoldableModel, fill: () -> Void)? {
    guard configuration.folding != .whole else { return nil }
    let model = MobileCLIP(configuration.folded(.whole), builder)
    return (model, { self.vision.fold(into: model.vision) })
  }
}
