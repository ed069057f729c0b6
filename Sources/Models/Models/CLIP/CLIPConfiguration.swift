internal import Layers
public import TensorEngine

/// The sizes of a CLIP model, read from and written as Hugging Face's `config.json`.
///
/// Keys that a file leaves out have the library's defaults, those of ViT-B/32.
public struct CLIPConfiguration: Encodable, Equatable, Sendable {
  public struct Vision: Encodable, Equatable, Sendable {
    public var imageSize = 224
    public var patchSize = 32
    public var channels = 3
    public var width = 768
    public var intermediate = 3072
    public var layers = 12
    public var heads = 12
    public var activation = Activation.quickGELU
    public var epsilon: Float = 1e-5
  }

  public struct Text: Encodable, Equatable, Sendable {
    public var vocabularySize = 49408
    public var contextLength = 77
    public var width = 512
    public var intermediate = 2048
    public var layers = 12
    public var heads = 8
    public var activation = Activation.quickGELU
    public var epsilon: Float = 1e-5
    public var startToken: Int32 = 49406
    /// Captions are pooled where this first stands; see `TextShape.largestTokenEnds`.
    public var endToken: Int32 = 49407
    /// Whether a token sees only those before it; no file of Hugging Face's says otherwise.
    public var isCausal = true

    public init() {}
  }

  public var vision = Vision()
  public var text = Text()
  /// D
  public var embeddingWidth = 512
  /// The logarithm of the inverse temperature at the start: ln(1 / 0.07).
  public var initialLogitScale: Float = 2.6592
  /// The bias of all logits at the start, for models that are trained with the sigmoid loss; nil for a model without one.
  public var initialLogitBias: Float?

  public init() {}

  /// Tokens of an image: its patches and the class token.
  public var imageTokens: Int { 1 + (vision.imageSize / vision.patchSize) * (vision.imageSize / vision.patchSize) }
}

extension CLIPConfiguration.Vision: PublishedTransformer {
  var layerCount: Int {
    get { layers }
    set { layers = newValue }
  }

  var transformer: TransformerConfiguration {
    TransformerConfiguration(
      width: width, layers: layers, heads: heads, intermediate: intermediate, activation: activation, epsilon: epsilon)
  }
}

extension CLIPConfiguration.Text: PublishedTransformer {
  var layerCount: Int {
    get { layers }
    set { layers = newValue }
  }

  var transformer: TransformerConfiguration {
    TransformerConfiguration(
      width: width, layers: layers, heads: heads, intermediate: intermediate, activation: activation, epsilon: epsilon)
  }
}

// MARK: Hugging Face's names

extension CLIPConfiguration.Vision {
  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case imageSize = "image_size"
    case patchSize = "patch_size"
    case channels = "num_channels"
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode("clip_vision_model", forKey: .modelType)
    try keys.encode(imageSize, forKey: .imageSize)
    try keys.encode(patchSize, forKey: .patchSize)
    try keys.encode(channels, forKey: .channels)
    try encodeTransformer(to: encoder)
  }
}

extension CLIPConfiguration.Text {
  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case vocabularySize = "vocab_size"
    case contextLength = "max_position_embeddings"
    case startToken = "bos_token_id"
    case endToken = "eos_token_id"
    case padToken = "pad_token_id"
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode("clip_text_model", forKey: .modelType)
    try keys.encode(vocabularySize, forKey: .vocabularySize)
    try keys.encode(contextLength, forKey: .contextLength)
    try encodeTransformer(to: encoder)
    try keys.encode(startToken, forKey: .startToken)
    try keys.encode(endToken, forKey: .endToken)
    try keys.encode(endToken, forKey: .padToken)
  }
}

extension CLIPConfiguration {
  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case architectures
    case vision = "vision_config"
    case text = "text_config"
    case embeddingWidth = "projection_dim"
    case initialLogitScale = "logit_scale_init_value"
    case initialLogitBias = "logit_bias_init_value"
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(["CLIPModel"], forKey: .architectures)
    try keys.encode(vision, forKey: .vision)
    try keys.encode(text, forKey: .text)
    try keys.encode(embeddingWidth, forKey: .embeddingWidth)
    try keys.encode(initialLogitScale, forKey: .initialLogitScale)
    try keys.encodeIfPresent(initialLogitBias, forKey: .initialLogitBias)
  }
}
