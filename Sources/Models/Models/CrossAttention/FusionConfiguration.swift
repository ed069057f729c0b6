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

/// What of a stream's look at the other one passes a learned gate that is closed at first.
public enum FusionGate: String, Codable, Sendable, CaseIterable {
  /// Nothing: there is no gate.
  case none
  /// The attention: x + tanh(α) attention.
  case attention
  /// The attention, and a perceptron behind it with a gate of its own.
  case dense
}

/// Sizes of the layers that join the streams.
public struct FusionConfiguration: Encodable, Equatable, Sendable {
  public var layers: Int
  public var heads: Int
  public var width: Int
  public var intermediate: Int
  public var direction: FusionDirection
  public var gate = FusionGate.none
  /// Whether a token may look at a sentinel of its own in the place of the other stream.
  public var hasSentinel = false
  public var activation = Activation.quickGELU
  public var epsilon: Float = 1e-5

  public init(layers: Int, heads: Int, width: Int, direction: FusionDirection) {
    (self.layers, self.heads, self.width, self.direction) = (layers, heads, width, direction)
    intermediate = 4 * width
  }

  init(_ request: ModelRequest) throws(ModelRequestError) {
    let fusion = request.settings.fusion
    self.init(layers: fusion.layers, heads: fusion.heads, width: fusion.width, direction: fusion.direction)
    (gate, hasSentinel) = (fusion.gate, fusion.sentinel)
    guard !hasCrossAttention, gate != .none || hasSentinel else { return }
    throw ModelRequestError(
      key: hasSentinel ? "model.fusion.sentinel" : "model.fusion.gate",
      problem: "no stream looks at the other one; leave it out, or set model.fusion.direction to another than "
        + direction.rawValue)
  }

  private enum CodingKeys: String, CodingKey {
    case layers = "num_hidden_layers"
    case heads = "num_attention_heads"
    case width = "hidden_size"
    case intermediate = "intermediate_size"
    case direction
    case gate
    case sentinel
    case activation = "hidden_act"
    case epsilon = "layer_norm_eps"
  }

  init(_ keys: Settings) throws(SettingsError) {
    try keys.require(
      KnownKeys(
        read: [
          "num_hidden_layers", "num_attention_heads", "hidden_size", "intermediate_size", "direction", "gate",
          "sentinel", "hidden_act", "layer_norm_eps",
        ]))
    layers = try keys.required(keys.whole("num_hidden_layers"), "num_hidden_layers")
    heads = try keys.required(keys.whole("num_attention_heads"), "num_attention_heads")
    width = try keys.required(keys.whole("hidden_size"), "hidden_size")
    intermediate = try keys.required(keys.whole("intermediate_size"), "intermediate_size")
    guard let stated = FusionDirection(rawValue: try keys.required(keys.text("direction"), "direction")) else {
      throw keys.unsupported("direction", wanted: "both, text_to_image, image_to_text and none")
    }
    direction = stated
    if let name = try keys.text("gate") {
      guard let gate = FusionGate(rawValue: name) else {
        throw keys.unsupported("gate", wanted: "none, attention and dense")
      }
      self.gate = gate
    }
    hasSentinel = try keys.flag("sentinel") ?? false
    activation = try keys.required(Activation(keys, "hidden_act"), "hidden_act")
    epsilon = Float(try keys.required(keys.number("layer_norm_eps"), "layer_norm_eps"))
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(layers, forKey: .layers)
    try keys.encode(heads, forKey: .heads)
    try keys.encode(width, forKey: .width)
    try keys.encode(intermediate, forKey: .intermediate)
    try keys.encode(direction, forKey: .direction)
    if gate != .none { try keys.encode(gate, forKey: .gate) }
    if hasSentinel { try keys.encode(true, forKey: .sentinel) }
    try keys.encode(activation, forKey: .activation)
    try keys.encode(epsilon, forKey: .epsilon)
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
