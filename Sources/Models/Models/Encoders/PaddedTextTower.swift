internal import Layers
internal import TensorEngine

/// A transformer over captions that looks both ways and knows no padding: what follows the end token is read like the
/// rest, so every caption is filled up to the whole context with id 0, as the model was trained. Keys as in open_clip.
struct PaddedTextTower: TextEncoder {
  let contextLength: Int
  let endToken: Int32
  let tokenEmbedding: Parameter
  let positionEmbedding: Parameter
  let encoder: TransformerEncoder
  /// [W, D], multiplied as it is.
  let projection: Parameter

  init(_ configuration: CLIPConfiguration.Text, embeddingWidth: Int, _ builder: ParameterBuilder) {
    (contextLength, endToken) = (configuration.contextLength, configuration.endToken)
    tokenEmbedding = builder.parameter(
      "token_embedding.weight", [configuration.vocabularySize, configuration.width], .normal(standardDeviation: 0.02))
    positionEmbedding = builder.parameter(
      "positional_embedding", [configuration.contextLength, configuration.width], .normal(standardDeviation: 0.01))
    var transformer = configuration.transformer
    transformer.names = .openCLIP
    encoder = TransformerEncoder(
      builder["transformer"], transformer,
      finalNorm: LayerNorm(builder, "ln_final", width: transformer.width, epsilon: transformer.epsilon))
    projection = builder.parameter(
      "text_projection", [configuration.width, embeddingWidth],
      .normal(standardDeviation: 1 / Float(configuration.width).squareRoot()))
  }

  func callAsFunction(_ texts: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let text = texts.padded(to: contextLength)
    let embedded = tape.tokenEmbedding(
      ids: text.ids, offsets: text.offsets, table: tokenEmbedding.tensor, position: positionEmbedding.tensor)
    return encoder(
      embedded, AttentionSegments(offsets: text.offsets, tokens: .text), pooledRows: text.endRows(endToken), tokens,
      tape)
  }

  /// The end tokens' states in the common space, of length one [B, D].
  func features(_ texts: Encoding, _ tape: Tape) -> Tensor {
    tape.normalize(tape.project(texts.pooled(tape), by: projection.tensor))
  }
}

extension PackedText {
  /// Every caption filled up with zeros to `length` tokens; none may be longer.
  func padded(to length: Int) -> PackedText {
    var ids: [Int32] = []
    ids.reserveCapacity(count * length)
    for caption in 0..<count {
      let own = self.ids[offsets[caption]..<offsets[caption + 1]]
      precondition(own.count <= length, "a caption of \(own.count) tokens in a context of \(length)")
      ids += own + [Int32](repeating: 0, count: length - own.count)
    }
    return PackedText(ids: ids, offsets: (0...count).map { $0 * length })
  }
}
