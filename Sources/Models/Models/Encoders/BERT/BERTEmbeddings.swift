public import Layers
public import TensorEngine

/// BERT's embedding block: the norm of word, position and token type, a part of it dropped (Devlin et al., 2019). A tower begins
/// with it; where images and texts meet from the start it is all that a text goes through by itself.
public struct BERTEmbeddings: TextEncoder {
  public let tokenEmbedding: Parameter
  public let positionEmbedding: Parameter
  public let tokenTypeEmbedding: Parameter
  public let norm: LayerNorm
  private let dropout: Dropout

  /// - Parameters:
  ///   - builder: of these arrays.
  ///   - dropout: made by the caller, whose naming it follows.
  init(_ configuration: BERTConfiguration, _ builder: ParameterBuilder, dropout: Dropout) {
    let width = configuration.width
    let table = { (name: String, rows: Int) in
      builder.parameter(name + ".weight", [rows, width], .normal(standardDeviation: BERTConfiguration.deviation))
    }
    tokenEmbedding = table("word_embeddings", configuration.vocabularySize)
    positionEmbedding = table("position_embeddings", configuration.positions)
    tokenTypeEmbedding = table("token_type_embeddings", configuration.tokenTypes)
    norm = LayerNorm(builder, "LayerNorm", width: width, epsilon: configuration.epsilon, keepsFloat32: true)
    self.dropout = dropout
  }

  /// → [T, W]. Every text has the first token type, as a text alone has it.
  func embed(_ texts: PackedText, _ tape: Tape) -> Tensor {
    let words = tape.tokenEmbedding(
      ids: texts.ids, offsets: texts.offsets, table: tokenEmbedding.tensor, position: positionEmbedding.tensor)
    let types = tape.gatherRows(tokenTypeEmbedding.tensor, [Int](repeating: 0, count: texts.ids.count))
    return dropout(norm(types, adding: words, tape).normalized, offsets: texts.offsets, tape)
  }

  /// The tokens of all texts, whatever is asked for; the first of a text stands for it.
  public func callAsFunction(_ texts: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    Encoding(states: embed(texts, tape), offsets: texts.offsets, pooledAt: Array(texts.offsets.dropLast()))
  }
}
