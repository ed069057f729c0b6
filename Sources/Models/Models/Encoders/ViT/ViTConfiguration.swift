internal import Layers
public import Settings
public import TensorEngine

/// The sizes of a vision transformer (Dosovitskiy et al., "An Image is Worth 16x16 Words: Transformers for Image Recognition at
/// Scale", 2021), read from and written as Hugging Face's `config.json`. Keys that a file leaves out have the library's
/// defaults, those of ViT-B/16.
public struct ViTConfiguration: PublishedVisionTransformer, Equatable, Sendable {
  public var imageSize = 224
  public var patchSize = 16
  public var channels = 3
  public var width = 768
  public var intermediate = 3072
  public var layerCount = 12
  public var heads = 12
  public var activation = Activation.geluErf
  public var epsilon: Float = 1e-12
  /// Whether something is added to queries, keys and values.
  public var hasInBias = true
  public var hasPooler = true

  public init() {}

  var transformer: TransformerConfiguration {
    var made = TransformerConfiguration(
      width: width, layers: layerCount, heads: heads, intermediate: intermediate, activation: activation,
      epsilon: epsilon, names: .vit, scales: TransformerScales(all: Self.deviation))
    made.hasInBias = hasInBias
    return made
  }

  /// Of all weights at the start.
  static let deviation: Float = 0.02
}

// MARK: Reading. Source: transformers 5.24, `models/vit/configuration_vit.py`

extension ViTConfiguration {
  public init(_ file: Settings) throws(SettingsError) {
    try file.require(known)
    try readVisionTransformer(file)
    hasPooler = try file.flag("add_pooling_layer") ?? hasPooler
    if file.has("pooler_output_size"), try file.whole("pooler_output_size") != width {
      throw file.unsupported("pooler_output_size", wanted: "poolers as wide as the states, \(width),")
    }
  }
}

private let known = KnownKeys(
  read: ["add_pooling_layer", "pooler_output_size"] + visionTransformerKeys,
  harmless: [
    // Dropout is for training, and what a run's own configuration says of it counts.
    "hidden_dropout_prob", "attention_probs_dropout_prob", "initializer_range", "encoder_stride",
    "cross_attention_hidden_size", "bos_token_id", "eos_token_id",
  ] + generalKeys,
  understood: generalUnderstood.merging([
    "pooler_act": [.text("tanh")], "is_decoder": JSONValue.nothing, "is_encoder_decoder": JSONValue.nothing,
    "add_cross_attention": JSONValue.nothing,
  ]) { first, _ in first })

// MARK: Writing

extension ViTConfiguration: Encodable {
  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case architectures
    case hasPooler = "add_pooling_layer"
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(["ViTModel"], forKey: .architectures)
    try encodeVisionTransformer(to: encoder)
    // An argument of transformers' class and no key of its file: the weights say it there.
    if !hasPooler { try keys.encode(false, forKey: .hasPooler) }
  }
}
