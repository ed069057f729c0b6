internal import Layers
internal import TensorEngine

/// BERT's embedding block with nothing behind it: all of a text's tokens stand for it.
struct WordTokens: TextEncoder {
  let embeddings: BERTEmbeddings

  init(_ description: WordDescription, _ builder: ParameterBuilder) {
    embeddings = BERTEmbeddings(description.block, builder)
  }

  var tokenEmbedding: Parameter { embeddings.words }

  /// → [T, W]
  func callAsFunction(_ texts: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let all = Encoding(pooledOverAll: embeddings(texts, tape), offsets: texts.offsets)
    return switch tokens {
    case .all: all
    case .pooled: Encoding(pooled: all.pooled(tape))
    }
  }
}
