public import Layers
public import TensorEngine

/// A transformer over packed texts. Under a causal mask nothing after the end token can reach it, so leaving the padding out
/// is exact; without the mask a text is all there is to see, and none is padded.
public struct TextTower: TextEncoder {
  let isCausal: Bool
  let endToken: Int32
  public let tokenEmbedding: Parameter
  public let positionEmbedding: Parameter
  public let encoder: TransformerEncoder

  init(_ configuration: CLIPConfiguration.Text, _ builder: ParameterBuilder) {
    (isCausal, endToken) = (configuration.isCausal, configuration.endToken)
    let embeddings = builder["embeddings"]
    tokenEmbedding = embeddings.parameter(
      "token_embedding.weight", [configuration.vocabularySize, configuration.width], .normal(standardDeviation: 0.02))
    positionEmbedding = embeddings.parameter(
      "position_embedding.weight", [configuration.contextLength, configuration.width],
      .normal(standardDeviation: 0.01))
    encoder = TransformerEncoder(
      builder["encoder"], configuration.transformer,
      finalNorm: LayerNorm(builder, "final_layer_norm", width: configuration.width, epsilon: configuration.epsilon))
  }

  /// → normalized states [T, W], or those of the end tokens.
  public func callAsFunction(_ texts: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let embedded = tape.tokenEmbedding(
      ids: texts.ids, offsets: texts.offsets, table: tokenEmbedding.tensor, position: positionEmbedding.tensor)
    return encoder(
      embedded, AttentionSegments(offsets: texts.offsets, isCausal: isCausal, tokens: .text),
      pooledRows: texts.endRows(endToken),
      tokens, tape)
  }
}
