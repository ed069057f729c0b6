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

  init(_ request: ModelRequest) {
    let fusion = request.settings.fusion
    self.init(layers: fusion.layers, heads: fusion.heads, width: fusion.width, direction: fusion.direction)
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

extension FusionConfiguration {
  /// What makes these sizes unusable; nil where layers can be made of them.
  var flaw: String? {
    let sizes = TransformerConfiguration(
      width: width, layers: layers, heads: heads, intermediate: intermediate, activation: activation, epsilon: epsilon)
    return sizes.flaw.map { "the fusion layers: " + $0 }
  }
}
