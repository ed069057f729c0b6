public import Layers
public import TensorEngine

/// A vision transformer with a class token and no norm before the first block (Dosovitskiy et al., 2021, eq. 1–4). Keys are
/// those of Hugging Face's `ViTModel`.
public struct ViTTower: PictureEncoder {
  public let classEmbedding: Parameter
  public let positionEmbedding: Parameter
  public let patchWeight: Parameter
  public let patchBias: Parameter
  public let encoder: TransformerEncoder
  /// tanh(W x + b) of the class token's state.
  public let pooler: Linear?

  init(_ configuration: ViTConfiguration, _ builder: ParameterBuilder) {
    let (width, patch) = (configuration.width, configuration.patchSize)
    let side = configuration.imageSize / patch
    let drawn = Initialization.normal(standardDeviation: ViTConfiguration.deviation)
    let embeddings = builder["embeddings"]
    classEmbedding = embeddings.parameter("cls_token", [1, 1, width], drawn)
    positionEmbedding = embeddings.parameter("position_embeddings", [1, 1 + side * side, width], drawn)
    let projection = embeddings["patch_embeddings.projection"]
    patchWeight = projection.parameter("weight", [width, configuration.channels, patch, patch], drawn)
    patchBias = projection.parameter("bias", [width], .constant(0))
    encoder = TransformerEncoder(
      builder["encoder"], configuration.transformer,
      finalNorm: LayerNorm(builder, "layernorm", width: width, epsilon: configuration.epsilon))
    pooler =
      configuration.hasPooler
      ? Linear(
        builder["pooler"], "dense", inputs: width, outputs: width, activation: .tanh,
        standardDeviation: ViTConfiguration.deviation)
      : nil
  }

  /// pixels [B, 3, S, S] → normalized states [B (1 + P), W], or those of the class tokens.
  public func callAsFunction(_ pixels: Tensor, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let embedded = tape.patchEmbedding(
      pixels: pixels, weight: patchWeight.tensor, bias: patchBias.tensor, classEmbedding: classEmbedding.tensor,
      position: positionEmbedding.tensor)
    let length = embedded.rows / pixels.shape[0]
    let offsets = (0...pixels.shape[0]).map { $0 * length }
    return encoder(
      embedded, AttentionSegments(offsets: offsets), pooledRows: Array(offsets.dropLast()), tokens, tape)
  }

  public func pooled(_ images: Encoding, _ tape: Tape) -> Tensor {
    let states = images.pooled(tape)
    return pooler?(states, tape) ?? states
  }
}
