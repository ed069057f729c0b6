public import Layers
public import TensorEngine

/// A vision transformer with a class token and a norm before the first block (Radford et al., 2021, §2.4).
public struct VisionTower: PictureEncoder {
  let configuration: CLIPConfiguration.Vision
  public let classEmbedding: Parameter
  public let patchEmbedding: Parameter
  public let positionEmbedding: Parameter
  public let preNorm: LayerNorm
  public let encoder: TransformerEncoder

  init(_ configuration: CLIPConfiguration.Vision, _ builder: ParameterBuilder) {
    self.configuration = configuration
    let (width, patch) = (configuration.width, configuration.patchSize)
    let scale = 1 / Float(width).squareRoot()
    let embeddings = builder["embeddings"]
    classEmbedding = embeddings.parameter("class_embedding", [width], .normal(standardDeviation: scale))
    patchEmbedding = embeddings.parameter(
      "patch_embedding.weight", [width, configuration.channels, patch, patch], .normal(standardDeviation: 0.02))
    let side = configuration.imageSize / patch
    positionEmbedding = embeddings.parameter(
      "position_embedding.weight", [1 + side * side, width], .normal(standardDeviation: scale))
    preNorm = LayerNorm(
      builder, "pre_layrnorm", width: width, epsilon: configuration.epsilon, keepsFloat32: true)  // spelling is theirs
    encoder = TransformerEncoder(
      builder["encoder"], configuration.transformer,
      finalNorm: LayerNorm(builder, "post_layernorm", width: width, epsilon: configuration.epsilon))
  }

  public var width: Int { configuration.width }
  public var places: TokenGrid? {
    TokenGrid(side: configuration.imageSize / configuration.patchSize, hasClassToken: true)
  }

  /// pixels [B, 3, S, S] → normalized states [B (1 + P), W], or those of the class tokens.
  public func callAsFunction(_ pixels: Tensor, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let embedded = tape.patchEmbedding(
      pixels: pixels, weight: patchEmbedding.tensor, classEmbedding: classEmbedding.tensor,
      position: positionEmbedding.tensor)
    let length = embedded.rows / pixels.shape[0]
    let offsets = (0...pixels.shape[0]).map { $0 * length }
    return encoder(
      preNorm(embedded, tape), AttentionSegments(offsets: offsets, tokens: .image),
      pooledRows: Array(offsets.dropLast()), tokens, tape)
  }
}

extension TransformerEncoder {
  /// The states of all tokens, or of the pooled ones alone.
  func callAsFunction(
    _ x: Tensor, _ segments: AttentionSegments, pooledRows: [Int], _ tokens: EncodedTokens, _ tape: Tape
  ) -> Encoding {
    switch tokens {
    case .all:
      Encoding(states: self(x, segments, tape), offsets: segments.queryOffsets, pooledAt: pooledRows)
    case .pooled: Encoding(pooled: self(x, segments, pooledRows: pooledRows, tape))
    }
  }
}
