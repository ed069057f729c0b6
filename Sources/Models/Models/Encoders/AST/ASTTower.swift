internal import Layers
internal import TensorEngine

/// An audio spectrogram transformer (Gong et al., 2021): a vision transformer over overlapping patches of a spectrogram. Keys are those
/// of Hugging Face's `ASTModel`.
struct ASTTower: EmbeddingEncoder {
  let embeddings: SpectrogramEmbeddings
  let encoder: TransformerEncoder
  let width: Int

  init(_ configuration: ASTConfiguration, _ builder: ParameterBuilder) {
    width = configuration.width
    embeddings = SpectrogramEmbeddings(configuration, builder["embeddings"])
    encoder = TransformerEncoder(
      builder["encoder"], configuration.transformer,
      finalNorm: LayerNorm(builder, "layernorm", width: width, epsilon: configuration.epsilon))
  }

  /// Clips → normalized states [Σ (2 + P), W], of which the first two of a clip, or their mean, stand for it.
  func callAsFunction(_ images: ImageInput, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let embedded = embedded(images, tape)
    let segments = AttentionSegments(offsets: embedded.offsets, tokens: .audio)
    let whole = embedded.pooledRows
    switch tokens {
    case .all:
      return Encoding(
        states: encoder(embedded.states, segments, tape), offsets: embedded.offsets, pooledRows: whole)
    case .pooled:
      let states = encoder(embedded.states, segments, pooledRows: whole.flatMap { $0 }, tape)
      let ends = (0...whole.count).map { $0 * ASTConfiguration.wholeTokens }
      return Encoding(pooled: tape.meanPool(states, offsets: ends))
    }
  }

  func embedded(_ images: ImageInput, _ tape: Tape) -> Encoding {
    let (tokens, offsets) = embeddings(images.clips, tape)
    return Encoding(
      states: tokens, offsets: offsets,
      pooledRows: offsets.dropLast().map { $0..<$0 + ASTConfiguration.wholeTokens })
  }
}
