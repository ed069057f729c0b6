public import Layers
public import TensorEngine

/// Packed captions: the ids of all of them end to end, caption i at offsets[i] ..< offsets[i + 1].
public struct PackedText: Sendable {
  public let ids: [Int32]
  public let offsets: [Int]

  public init(ids: [Int32], offsets: [Int]) { (self.ids, self.offsets) = (ids, offsets) }

  public var count: Int { offsets.count - 1 }

  /// Some of the captions, in order.
  public subscript(captions: Range<Int>) -> PackedText {
    let start = offsets[captions.lowerBound]
    return PackedText(
      ids: Array(ids[start..<offsets[captions.upperBound]]),
      offsets: offsets[captions.lowerBound...captions.upperBound].map { $0 - start })
  }

  /// The row that each caption is pooled at, as transformers does it: where the end token first stands; at the first row
  /// of a caption without it. With `CLIPConfiguration.Text.largestTokenEnds` it is where the largest id first stands.
  func endRows(_ endToken: Int32) -> [Int] {
    (0..<count).map { caption in
      let rows = offsets[caption]..<offsets[caption + 1]
      guard endToken != CLIPConfiguration.Text.largestTokenEnds else {
        return rows.reduce(rows.lowerBound) { ids[$1] > ids[$0] ? $1 : $0 }
      }
      return rows.first { ids[$0] == endToken } ?? rows.lowerBound
    }
  }
}

/// Which tokens' states a tower's encoding holds.
public enum EncodedTokens: Sendable {
  /// All: for layers that join the towers.
  case all
  /// The class or end token of each segment: all that the contrastive loss looks at. The last block is then computed for
  /// these alone.
  case pooled
}

/// What a tower makes of a batch.
public struct Encoding {
  /// The normalized states of all tokens, or of the pooled ones, a segment each [T, W].
  public let states: Tensor
  /// Segment i (an image, a caption) holds the rows offsets[i] ..< offsets[i + 1].
  public let offsets: [Int]
  /// The row of each segment's pooled token: class token or end token.
  public let pooledRows: [Int]
  /// The projected pooled states, of length one [B, D].
  public let features: Tensor

  public init(states: Tensor, offsets: [Int], pooledRows: [Int], features: Tensor) {
    (self.states, self.offsets, self.pooledRows, self.features) = (states, offsets, pooledRows, features)
  }
}

extension Encoding {
  /// The encoding of some of the segments, in the order given. The features stay those of all.
  public func selecting(_ segments: [Int], _ tape: Tape) -> Encoding {
    if segments == Array(pooledRows.indices) { return self }
    let rows = segments.flatMap { offsets[$0]..<offsets[$0 + 1] }
    let starts = segments.reduce(into: [0]) { $0.append($0[$0.count - 1] + offsets[$1 + 1] - offsets[$1]) }
    return Encoding(
      states: tape.gatherRows(states, rows), offsets: starts,
      pooledRows: zip(starts, segments).map { $0 + pooledRows[$1] - offsets[$1] }, features: features)
  }
}

/// Contrastive language–image pre-training: an image tower and a text tower, joined by the loss alone.
///
/// Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021. Keys, shapes and
/// semantics are those of Hugging Face's `CLIPModel`.
public final class CLIP {
  public let configuration: CLIPConfiguration
  public let vision: VisionTower
  public let text: TextTower
  public let visualProjection: Linear
  public let textProjection: Linear
  /// The logarithm of the inverse temperature, a scalar.
  public let logitScale: Parameter
  /// What the sigmoid loss adds to all logits, a scalar; nil where the configuration asks for none.
  public let logitBias: Parameter?

  public init(_ configuration: CLIPConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    logitScale = builder.parameter("logit_scale", [], .constant(configuration.initialLogitScale))
    logitBias = configuration.initialLogitBias.map { builder.parameter("logit_bias", [], .constant($0)) }
    text = TextTower(configuration.text, builder["text_model"])
    vision = VisionTower(configuration.vision, builder["vision_model"])
    visualProjection = Linear(
      builder, "visual_projection", inputs: configuration.vision.width, outputs: configuration.embeddingWidth,
      hasBias: false, keepsFloat32: true, standardDeviation: 1 / Float(configuration.vision.width).squareRoot())
    textProjection = Linear(
      builder, "text_projection", inputs: configuration.text.width, outputs: configuration.embeddingWidth,
      hasBias: false, keepsFloat32: true, standardDeviation: 1 / Float(configuration.text.width).squareRoot())
  }

  /// pixels [B, 3, S, S]
  public func encode(images pixels: Tensor, tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let offsets = (0...pixels.shape[0]).map { $0 * configuration.imageTokens }
    let pooledRows = Array(offsets.dropLast())
    switch tokens {
    case .all: return encoding(vision(pixels, tape), offsets, pooledRows: pooledRows, visualProjection, tape)
    case .pooled: return encoding(pooled: vision(pixels, pooledRows: pooledRows, tape), visualProjection, tape)
    }
  }

  public func encode(text captions: PackedText, tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let pooledRows = captions.endRows(configuration.text.endToken)
    switch tokens {
    case .all: return encoding(text(captions, tape), captions.offsets, pooledRows: pooledRows, textProjection, tape)
    case .pooled: return encoding(pooled: text(captions, pooledRows: pooledRows, tape), textProjection, tape)
    }
  }

  private func encoding(
    _ states: Tensor, _ offsets: [Int], pooledRows: [Int], _ projection: Linear, _ tape: Tape
  ) -> Encoding {
    let features = tape.normalize(projection(tape.gatherRows(states, pooledRows), tape))
    return Encoding(states: states, offsets: offsets, pooledRows: pooledRows, features: features)
  }

  private func encoding(pooled states: Tensor, _ projection: Linear, _ tape: Tape) -> Encoding {
    Encoding(
      states: states, offsets: Array(0...states.rows), pooledRows: Array(0..<states.rows),
      features: tape.normalize(projection(states, tape)))
  }
}

/// A vision transformer with a class token and a norm before the first block (Radford et al., 2021, §2.4).
public struct VisionTower {
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

  /// pixels [B, 3, S, S] → normalized states [B (1 + P), W], or those of `pooledRows`.
  func callAsFunction(_ pixels: Tensor, pooledRows: [Int]? = nil, _ tape: Tape) -> Tensor {
    let embedded = tape.patchEmbedding(
      pixels: pixels, weight: patchEmbedding.tensor, classEmbedding: classEmbedding.tensor,
      position: positionEmbedding.tensor)
    let tokens = embedded.rows / pixels.shape[0]
    let segments = AttentionSegments(offsets: (0...pixels.shape[0]).map { $0 * tokens })
    return encoder(preNorm(embedded, tape), segments, pooledRows: pooledRows, tape)
  }
}

/// A transformer over packed captions. Under a causal mask nothing after the end token can reach it, so leaving the
/// padding out is exact; a tower without the mask gets its padding as tokens.
public struct TextTower {
  let isCausal: Bool
  public let tokenEmbedding: Parameter
  public let positionEmbedding: Parameter
  public let encoder: TransformerEncoder

  init(_ configuration: CLIPConfiguration.Text, _ builder: ParameterBuilder) {
    isCausal = configuration.isCausal
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

  /// → normalized states [T, W], or those of `pooledRows`.
  func callAsFunction(_ text: PackedText, pooledRows: [Int]? = nil, _ tape: Tape) -> Tensor {
    let embedded = tape.tokenEmbedding(
      ids: text.ids, offsets: text.offsets, table: tokenEmbedding.tensor, position: positionEmbedding.tensor)
    return encoder(
      embedded, AttentionSegments(offsets: text.offsets, isCausal: isCausal), pooledRows: pooledRows, tape)
  }
}
