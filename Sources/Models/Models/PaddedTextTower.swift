internal import Layers
internal import TensorEngine

/// A transformer over captions that looks both ways and knows no padding: what follows the end token is read like the
/// rest, so every caption is filled up to the whole context with id 0, as the model was trained. Keys as in open_clip.
struct PaddedTextTower {
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

  func encode(_ captions: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let text = captions.padded(to: contextLength)
    let rows = text.endRows(endToken)
    let embedded = tape.tokenEmbedding(
      ids: text.ids, offsets: text.offsets, table: tokenEmbedding.tensor, position: positionEmbedding.tensor)
    let segments = AttentionSegments(offsets: text.offsets)
    switch tokens {
    case .pooled:
      let states = encoder(embedded, segments, pooledRows: rows, tape)
      return Encoding(
        states: states, offsets: Array(0...states.rows), pooledRows: Array(0..<states.rows),
        features: tape.normalize(tape.project(states, by: projection.tensor)))
    case .all:
      let states = encoder(embedded, segments, tape)
      return Encoding(
        states: states, offsets: text.offsets, pooledRows: rows,
        features: tape.normalize(tape.project(tape.gatherRows(states, rows), by: projection.tensor)))
    }
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
