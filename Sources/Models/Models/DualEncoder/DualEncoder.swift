public import Layers
public import TensorEngine

/// An image tower and a text tower of any kind, joined by the loss alone: what stands for an image or a text is projected
/// linearly, without a bias, into a space that both share (Zhai et al., "LiT", 2022, and transformers'
/// `VisionTextDualEncoderModel`, whose names its arrays have).
public final class DualEncoder: FeatureModel {
  public let configuration: DualEncoderConfiguration
  public let imageEncoder: any ImageEncoder
  public let textEncoder: any TextEncoder
  let visualProjection: Linear
  let textProjection: Linear
  public let logitScale: Parameter
  public let logitBias: Parameter?

  public init(_ configuration: DualEncoderConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    logitScale = builder.parameter("logit_scale", [], .constant(configuration.initialLogitScale))
    logitBias = configuration.initialLogitBias.map { builder.parameter("logit_bias", [], .constant($0)) }
    textEncoder = configuration.words.makeEncoder(builder["text_model"])
    imageEncoder = configuration.vision.makeEncoder(builder["vision_model"])
    visualProjection = Self.projection(builder, "visual_projection", configuration.vision.width, configuration)
    textProjection = Self.projection(builder, "text_projection", configuration.words.width, configuration)
  }

  private static func projection(
    _ builder: ParameterBuilder, _ name: String, _ width: Int, _ configuration: DualEncoderConfiguration
  ) -> Linear {
    Linear(
      builder, name, inputs: width, outputs: configuration.embeddingWidth, hasBias: false, keepsFloat32: true,
      standardDeviation: 1 / Float(width).squareRoot())
  }

  public var description: any ModelDescription { configuration }

  public func imageFeatures(_ images: Encoding, _ tape: Tape) -> Tensor {
    tape.normalize(visualProjection(imageEncoder.pooled(images, tape), tape))
  }

  public func textFeatures(_ texts: Encoding, _ tape: Tape) -> Tensor {
    tape.normalize(textProjection(textEncoder.pooled(texts, tape), tape))
  }
}
