public import Layers
public import TensorEngine

/// A post-norm transformer that looks both ways over packed texts. Keys are those of Hugging Face's `BertModel`.
///
/// Nothing is padded: a text is all there is to see, which padding behind a mask would not change.
public struct BERTTower: TextEncoder {
  let pooling: TextPooling
  public let embeddings: BERTEmbeddings
  public let encoder: PostNormEncoder
  /// Where texts are pooled by it.
  public let pooler: Linear?

  init(_ configuration: BERTConfiguration, _ builder: ParameterBuilder) {
    pooling = configuration.pooling
    let width = configuration.width
    embeddings = BERTEmbeddings(configuration, builder)
    encoder = PostNormEncoder(builder["encoder"], configuration.transformer)
    pooler =
      pooling == .pooler
      ? Linear(
        builder["pooler"], "dense", inputs: width, outputs: width, activation: .tanh,
        standardDeviation: configuration.initialDeviation)
      : nil
  }

  public var tokenEmbedding: Parameter { embeddings.words }

  /// → states [T, W], or what stands for each text before a pooler [B, W].
  public func callAsFunction(_ texts: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let segments = AttentionSegments(offsets: texts.offsets, tokens: .text)
    let (embedded, first) = (embeddings(texts, tape), Array(texts.offsets.dropLast()))
    switch (tokens, pooling) {
    case (.all, .mean):
      return Encoding(pooledOverAll: encoder(embedded, segments, tape), offsets: texts.offsets)
    case (.all, _):
      return Encoding(states: encoder(embedded, segments, tape), offsets: texts.offsets, pooledAt: first)
    case (.pooled, .mean):
      return Encoding(pooled: tape.meanPool(encoder(embedded, segments, tape), offsets: texts.offsets))
    case (.pooled, _):
      return Encoding(pooled: encoder(embedded, segments, pooledRows: first, tape))
    }
  }

  public func pooled(_ texts: Encoding, _ tape: Tape) -> Tensor {
    let states = texts.pooled(tape)
    return pooler?(states, tape) ?? states
  }
}
