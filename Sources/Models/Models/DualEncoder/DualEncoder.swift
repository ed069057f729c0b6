public import Layers
public import TensorEngine

/// An image tower and a text tower of any kind, joined by the loss alone: what stands for an image or a text is projected
/// linearly, without a bias, into a space that both share; where videos are looked at, their frames become one first (Zhai et al., "LiT", 2022, and transformers'
/// `VisionTextDualEncoderModel`, whose names its arrays have).
public final class DualEncoder: FeatureModel, FoldableModel {
  public let configuration: DualEncoderConfiguration
  public let imageEncoder: any ImageEncoder
  public let textEncoder: any TextEncoder
  /// What sees a picture: the image encoder, or what that sees each frame of a video by.
  private let tower: any ImageEncoder
  let visualProjection: FeatureProjection
  let textProjection: FeatureProjection
  public let logitScale: Parameter
  public let logitBias: Parameter?

  public convenience init(_ configuration: DualEncoderConfiguration, _ builder: ParameterBuilder) {
    self.init(configuration, builder) { configuration.vision.makeEncoder($0) }
  }

  private init(
    _ configuration: DualEncoderConfiguration, _ builder: ParameterBuilder,
    imageEncoder: (ParameterBuilder) -> any ImageEncoder
  ) {
    self.configuration = configuration
    logitScale = builder.parameter("logit_scale", [], .constant(configuration.initialLogitScale))
    logitBias = configuration.initialLogitBias.map { builder.parameter("logit_bias", [], .constant($0)) }
    textEncoder = configuration.words.makeEncoder(builder["text_model"])
    let places = configuration.vision.places
    let tower = imageEncoder(builder[places.tower])
    self.tower = tower
    self.imageEncoder =
      configuration.frames.map { FrameEncoder(tower: tower, order: FrameOrder(builder, $0, width: tower.width)) }
      ?? tower
    let (projection, outputs) = (configuration.projection, configuration.embeddingWidth)
    visualProjection = FeatureProjection(
      builder, places.projection, inputs: configuration.vision.width, outputs: outputs,
      isStandardized: projection.standardize.contains(.image), dropout: projection.visionDropout)
    textProjection = FeatureProjection(
      builder, "text_projection", inputs: configuration.words.width, outputs: outputs,
      isStandardized: projection.standardize.contains(.text), dropout: projection.textDropout)
  }

  public var description: any ModelDescription { configuration }

  public var standardizations: [Modality: Standardization] {
    var found: [Modality: Standardization] = [:]
    (found[description.images.modality], found[.text]) = (
      visualProjection.standardization, textProjection.standardization
    )
    return found
  }

  public func imageFeatures(_ images: Encoding, _ tape: Tape) -> Tensor {
    visualProjection(imageEncoder.pooled(images, tape), tape)
  }

  public func textFeatures(_ texts: Encoding, _ tape: Tape) -> Tensor {
    textProjection(textEncoder.pooled(texts, tape), tape)
  }
}

// MARK: Inference

extension DualEncoder {
  public func folded(_ builder: ParameterBuilder) -> (model: any FoldableModel, fill: () -> Void)? {
    guard let foldable = tower as? any FoldableEncoder else { return nil }
    var fill = {}
    let model = DualEncoder(configuration, builder) {
      let folded = foldable.folded($0)
      fill = folded.fill
      return folded.encoder
    }
    return (model, fill)
  }
}
