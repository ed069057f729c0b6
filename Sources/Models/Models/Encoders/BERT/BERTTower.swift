public import Layers
public import TensorEngine

/// A post-norm transformer that looks both ways over packed texts. Keys are those of Hugging Face's `BertModel`.
///
/// Nothing is padded: a text is all there is to see, which padding behind a mask would not change.
public struct BERTTower: TextEncoder {
  let pooling: TextPooling
  public let tokenEmbedding: Parameter
  public let positionEmbedding: Parameter
  public let tokenTypeEmbedding: Parameter
  public let embeddingNorm: LayerNorm
  private let dropout: Dropout
  public let encoder: PostNormEncoder
  /// Where texts are pooled by it.
  public let pooler: Linear?

  init(_ configuration: BERTConfiguration, _ builder: ParameterBuilder) {
    pooling = configuration.pooling
    let (embeddings, width) = (builder["embeddings"], configuration.width)
    let table = { (name: String, rows: Int) in
      embeddings.parameter(
        name + ".weight", [rows, width], .normal(standardDeviation: BERTConfiguration.deviation))
    }
    tokenEmbedding = table("word_embeddings", configuration.vocabularySize)
    positionEmbedding = table("position_embeddings", configuration.positions)
    tokenTypeEmbedding = table("token_type_embeddings", configuration.tokenTypes)
    embeddingNorm = LayerNorm(
      embeddings, "LayerNorm", width: width, epsilon: configuration.epsilon, keepsFloat32: true)
    dropout = Dropout(builder, "embeddings", rate: configuration.dropout.states)
    encoder = PostNormEncoder(builder["encoder"], configuration.transformer)
    pooler =
      pooling == .pooler
      ? Linear(
        builder["pooler"], "dense", inputs: width, outputs: width, activation: .tanh,
        standardDeviation: BERTConfiguration.deviation)
      : nil
  }

  /// → states [T, W], or what stands for each text before a pooler [B, W].
  public func callAsFunction(_ texts: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let segments = AttentionSegments(offsets: texts.offsets)
    let (embedded, first) = (embed(texts, tape), Array(texts.offsets.dropLast()))
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

  /// The norm of words, positions and the first token type, dropped in part [T, W].
  private func embed(_ texts: PackedText, _ tape: Tape) -> Tensor {
    let words = tape.tokenEmbedding(
      ids: texts.ids, offsets: texts.offsets, table: tokenEmbedding.tensor, position: positionEmbedding.tensor)
    let types = tape.gatherRows(tokenTypeEmbedding.tensor, [Int](repeating: 0, count: texts.ids.count))
    return dropout(embeddingNorm(types, adding: words, tape).normalized, offsets: texts.offsets, tape)
  }
}
