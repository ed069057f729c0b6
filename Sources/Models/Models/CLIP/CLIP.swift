public import Layers
public import TensorEngine

/// Contrastive language–image pre-training: an image tower and a text tower, joined by the loss alone.
///
/// Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021. Keys, shapes and
/// semantics are those of Hugging Face's `CLIPModel`.
public final class CLIP: FeatureModel {
  public let configuration: CLIPConfiguration
  public let vision: VisionTower
  public let text: TextTower
  public let visualProjection: Linear
  public let textProjection: Linear
  public let logitScale: Parameter
  public let logitBias: Parameter?

  public init(_ configuration: CLIPConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    logitScale = builder.parameter("logit_scale", [], .constant(configuration.initialLogitScale))
    logitBias = configuration.initialLogitBias.map { builder.parameter("logit_bias", [], .constant($0)) }
    text = TextTower(configuration.text, builder["text_model"])
    vision = VisionTower(configuration.vision, builder["vision_model"])
    visualProjection = Linear(
      builder, "visual_projection", inputs: configuration.vision.width, outputs: configuration.embeddingWidth,
      hasBias: false, keepsFloat32: true, standardDeviation: 1 / Float(configuration.vision.width).squareRoot())
    textProjection = Linear(
      builder, "text_projection", inputs: configuration.text.width, outputs: configuration.embeddingWidth,
      hasBias: false, keepsFloat32: true, standardDeviation: 1 / Float(configuration.text.width).squareRoot())
  }

  public var description: any ModelDescription { configuration }
  public var imageEncoder: any ImageEncoder { vision }
  public var textEncoder: any TextEncoder { text }

  public func imageFeatures(_ images: Encoding, _ tape: Tape) -> Tensor {
    tape.normalize(visualProjection(images.pooled(tape), tape))
  }

  public func textFeatures(_ texts: Encoding, _ tape: Tape) -> Tensor {
    tape.normalize(textProjection(texts.pooled(tape), tape))
  }
}
