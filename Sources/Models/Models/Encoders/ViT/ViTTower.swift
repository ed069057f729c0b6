public import Layers
public import TensorEngine

/// A vision transformer with a class token and no norm before the first block (Dosovitskiy et al., 2021, eq. 1–4). Keys are
/// those of Hugging Face's `ViTModel`.
public struct ViTTower: PictureEncoder {
  public let embeddings: PatchEmbeddings
  public let encoder: TransformerEncoder
  /// tanh(W x + b) of the class token's state.
  public let pooler: Linear?

  init(_ configuration: ViTConfiguration, _ builder: ParameterBuilder) {
    let width = configuration.width
    embeddings = PatchEmbeddings(
      imageSize: configuration.imageSize, patchSize: configuration.patchSize, channels: configuration.channels,
      width: width, deviation: ViTConfiguration.deviation, builder["embeddings"])
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
    let embedded = embeddings.embed(pixels, tape)
    let length = embedded.rows / pixels.shape[0]
    let offsets = (0...pixels.shape[0]).map { $0 * length }
    return encoder(
      embedded, AttentionSegments(offsets: offsets, tokens: .image), pooledRows: Array(offsets.dropLast()), tokens, tape
    )
  }

  public var width: Int { embeddings.width }
  public var places: TokenGrid? { TokenGrid(side: embeddings.side, hasClassToken: true) }

  public func pooled(_ images: Encoding, _ tape: Tape) -> Tensor {
    let states = images.pooled(tape)
    return pooler?(states, tape) ?? states
  }
}
