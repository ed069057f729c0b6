public import Layers
public import TensorEngine

/// A vision transformer with a class token and no norm before the first block, called as in Hugging Face's BLIP.
public struct BLIPVisionTower: PictureEncoder, EmbeddingEncoder {
  public let embeddings: PatchEmbeddings
  public let encoder: TransformerEncoder

  init(_ configuration: BLIPVisionConfiguration, _ builder: ParameterBuilder) {
    let width = configuration.width
    embeddings = PatchEmbeddings(
      imageSize: configuration.imageSize, patchSize: configuration.patchSize, channels: configuration.channels,
      width: width, deviation: configuration.initialDeviation, names: .blip, builder["embeddings"])
    encoder = TransformerEncoder(
      builder["encoder"], configuration.transformer,
      finalNorm: LayerNorm(builder, "post_layernorm", width: width, epsilon: configuration.epsilon))
  }

  public var width: Int { embeddings.width }
  public var places: TokenGrid? { TokenGrid(side: embeddings.side, hasClassToken: true) }

  /// pixels [B, 3, S, S] → normalized states [B (1 + P), W], or those of the class tokens.
  public func callAsFunction(_ pixels: Tensor, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let embedded = embedded(pixels, tape)
    return encoder(
      embedded.states, AttentionSegments(offsets: embedded.offsets, tokens: .image),
      pooledRows: Array(embedded.offsets.dropLast()), tokens, tape)
  }

  public func embedded(_ images: ImageInput, _ tape: Tape) -> Encoding {
    embedded(images.visiblePixels(in: places, tape.engine), tape)
  }

  private func embedded(_ pixels: Tensor, _ tape: Tape) -> Encoding {
    let states = embeddings.embed(pixels, tape)
    let length = states.rows / pixels.shape[0]
    let offsets = (0...pixels.shape[0]).map { $0 * length }
    return Encoding(states: states, offsets: offsets, pooledAt: Array(offsets.dropLast()))
  }

  /// The last norm of the class token's state, which went through it already: so the library computes its `pooler_output`,
  /// which none of its models reads.
  public func pooled(_ images: Encoding, _ tape: Tape) -> Tensor { encoder.finalNorm(images.pooled(tape), tape) }
}
