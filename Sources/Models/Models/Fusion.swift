internal import Layers
internal import Settings
public import TensorEngine

/// Which stream's tokens query the other's in the fusion layers.
public enum FusionDirection: String, Codable, Sendable, CaseIterable {
  case both
  /// Text queries image: Z_t = softmax(Q_t K_iᵀ / √d) V_i.
  case textToImage = "text_to_image"
  /// Image queries text: Z_i = softmax(Q_i K_tᵀ / √d) V_t.
  case imageToText = "image_to_text"
  /// The streams meet only where they are joined.
  case none
}

/// Sizes of the layers that join the streams.
public struct FusionConfiguration: Encodable, Equatable, Sendable {
  public var layers: Int
  public var heads: Int
  public var width: Int
  public var intermediate: Int
  public var direction: FusionDirection
  public var activation = Activation.quickGELU
  public var epsilon: Float = 1e-5

  public init(layers: Int, heads: Int, width: Int, direction: FusionDirection) {
    (self.layers, self.heads, self.width, self.direction) = (layers, heads, width, direction)
    intermediate = 4 * width
  }

  private enum CodingKeys: String, CodingKey {
    case layers = "num_hidden_layers"
    case heads = "num_attention_heads"
    case width = "hidden_size"
    case intermediate = "intermediate_size"
    case direction
    case activation = "hidden_act"
    case epsilon = "layer_norm_eps"
  }

  init(_ keys: Settings) throws(SettingsError) {
    try keys.require(
      KnownKeys(
        read: [
          "num_hidden_layers", "num_attention_heads", "hidden_size", "intermediate_size", "direction", "hidden_act",
          "layer_norm_eps",
        ]))
    layers = try keys.required(keys.whole("num_hidden_layers"), "num_hidden_layers")
    heads = try keys.required(keys.whole("num_attention_heads"), "num_attention_heads")
    width = try keys.required(keys.whole("hidden_size"), "hidden_size")
    intermediate = try keys.required(keys.whole("intermediate_size"), "intermediate_size")
    guard let stated = FusionDirection(rawValue: try keys.required(keys.text("direction"), "direction")) else {
      throw keys.unsupported("direction", wanted: "both, text_to_image, image_to_text and none")
    }
    direction = stated
    activation = try keys.required(Activation(keys, "hidden_act"), "hidden_act")
    epsilon = Float(try keys.required(keys.number("layer_norm_eps"), "layer_norm_eps"))
  }

  /// Whether the text stream has layers of its own, and likewise the image stream.
  var textHasLayers: Bool { direction != .imageToText }
  var imageHasLayers: Bool { direction != .textToImage }
  var hasCrossAttention: Bool { direction != .none }
}

/// Both modalities' token states, as they go from layer to layer.
struct Streams {
  var text: Tensor
  var image: Tensor
  let textOffsets: [Int]
  let imageOffsets: [Int]
  /// For each pair, the image segment that its text reads, and the text segment that its image reads.
  let imageOfText: [Int]
  let textOfImage: [Int]
}

/// One stream's part of a fusion layer (pre-norm): x += self-attention; x += attention to the other stream as it came
/// into the layer; x += feed-forward. The two-stream form of METER (Dou et al., 2022) and of ALBEF's fusion encoder
/// (Li et al., 2021).
struct FusionStreamLayer {
  let norm1: LayerNorm
  let selfAttention: SelfAttention
  let cross: (norm: LayerNorm, contextNorm: LayerNorm, attention: CrossAttention)?
  let norm3: LayerNorm
  let feedForward: FeedForward

  init(_ builder: ParameterBuilder, _ configuration: FusionConfiguration) {
    let (width, epsilon) = (configuration.width, configuration.epsilon)
    let scales = TransformerScales(width: width, layers: configuration.layers)
    norm1 = LayerNorm(builder, "layer_norm1", width: width, epsilon: epsilon)
    selfAttention = SelfAttention(builder["self_attn"], width: width, heads: configuration.heads, scales: scales)
    cross =
      configuration.hasCrossAttention
      ? (
        LayerNorm(builder, "layer_norm2", width: width, epsilon: epsilon),
        LayerNorm(builder, "layer_norm_context", width: width, epsilon: epsilon),
        CrossAttention(builder["cross_attn"], width: width, heads: configuration.heads, scales: scales)
      ) : nil
    norm3 = LayerNorm(builder, "layer_norm3", width: width, epsilon: epsilon)
    feedForward = FeedForward(
      builder["mlp"], width: width, intermediate: configuration.intermediate, activation: configuration.activation,
      scales: scales)
  }

  func callAsFunction(
    _ x: Tensor, _ offsets: [Int], context: Tensor, _ segments: AttentionSegments, _ tape: Tape
  ) -> Tensor {
    var stream = x
    var branch = selfAttention(norm1(x, tape), AttentionSegments(offsets: offsets), tape)
    if let cross {
      let query: Tensor
      (stream, query) = cross.norm(branch, adding: stream, tape)
      branch = cross.attention(query, context: cross.contextNorm(context, tape), segments, tape)
    }
    let normalized: Tensor
    (stream, normalized) = norm3(branch, adding: stream, tape)
    let change = feedForward(normalized, tape)
    defer { change.releaseValues("the branch was added to the residual stream") }
    return tape.add(stream, change)
  }
}
