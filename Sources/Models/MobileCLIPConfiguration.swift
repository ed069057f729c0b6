internal import Foundation
internal import Layers
internal import TensorEngine

/// The sizes of a MobileCLIP model (Vasu et al., 2024): S1 unless something is changed. Written into our checkpoints'
/// `config.json` as model type "mobileclip"; also read from what open_clip publishes.
public struct MobileCLIPConfiguration: Codable, Equatable, Sendable {
  /// A FastViT; each stage's blocks have `widths[stage]` channels.
  public struct Vision: Codable, Equatable, Sendable {
    public var imageSize = 256
    public var depths = [4, 12, 20, 4]
    public var widths = [64, 128, 256, 512]
    /// Channels of a perceptron's hidden layer for each of its block's.
    public var hiddenRatio = 3
    /// Stages whose downsampling has a gate.
    public var squeezedStages = [2, 3]
    /// Stages of attention blocks; the others have RepMixer blocks.
    public var attentionStages = [3]
    public var headWidth = 32

    public init() {}

    /// Channels of the last convolution.
    public var outputWidth: Int { 2 * (widths.last ?? 0) }
  }

  public var vision = Vision()
  /// Looks both ways; its activation is the exact GELU.
  public var text = CLIPConfiguration.Text()
  /// D
  public var embeddingWidth = 512
  /// The logarithm of the inverse temperature at the start: ln(1 / 0.07).
  public var initialLogitScale: Float = 2.6592
  /// The bias of all logits at the start, for models that are trained with the sigmoid loss; nil for a model without one.
  public var initialLogitBias: Float?
  /// Whether the image tower's branches are folded into single convolutions: for inference.
  public var isReparameterized = false

  public init() {
    text.isCausal = false
    text.activation = .geluErf
  }

  public static let s1 = MobileCLIPConfiguration()
  public static let s2: MobileCLIPConfiguration = {
    var made = MobileCLIPConfiguration()
    made.vision.depths = [4, 12, 24, 4]
    made.vision.widths = [80, 160, 320, 640]
    return made
  }()

  /// The same model with its branches folded.
  public var reparameterized: MobileCLIPConfiguration {
    var made = self
    made.isReparameterized = true
    return made
  }
}

// MARK: Names in config.json

extension MobileCLIPConfiguration.Vision {
  private enum CodingKeys: String, CodingKey {
    case imageSize = "image_size"
    case depths
    case widths = "hidden_sizes"
    case hiddenRatio = "mlp_ratio"
    case squeezedStages = "squeezed_stages"
    case attentionStages = "attention_stages"
    case headWidth = "head_dim"
  }
}

extension MobileCLIPConfiguration {
  /// The value of `model_type`.
  public static let modelType = "mobileclip"

  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case vision = "vision_config"
    case text = "text_config"
    case embeddingWidth = "projection_dim"
    case initialLogitScale = "logit_scale_init_value"
    case initialLogitBias = "logit_bias_init_value"
    case isReparameterized = "reparameterized"
  }

  /// - Throws: `DecodingError` naming the key.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    vision = try keys.decode(Vision.self, forKey: .vision)
    text = try keys.decode(CLIPConfiguration.Text.self, forKey: .text)
    (text.isCausal, text.activation) = (false, .geluErf)
    embeddingWidth = try keys.decode(Int.self, forKey: .embeddingWidth)
    initialLogitScale = try keys.decodeIfPresent(Float.self, forKey: .initialLogitScale) ?? initialLogitScale
    initialLogitBias = try keys.decodeIfPresent(Float.self, forKey: .initialLogitBias)
    isReparameterized = try keys.decodeIfPresent(Bool.self, forKey: .isReparameterized) ?? false
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(vision, forKey: .vision)
    try keys.encode(text, forKey: .text)
    try keys.encode(embeddingWidth, forKey: .embeddingWidth)
    try keys.encode(initialLogitScale, forKey: .initialLogitScale)
    try keys.encodeIfPresent(initialLogitBias, forKey: .initialLogitBias)
    try keys.encode(isReparameterized, forKey: .isReparameterized)
  }
}

// MARK: open_clip's configuration

extension MobileCLIPConfiguration {
  /// Reads `open_clip_config.json`, or the `model_cfg` in it.
  /// - Throws: `DecodingError` naming the key, also where the image tower is another than fastvit_mci1 or fastvit_mci2 or
  ///   the text tower is causal.
  public init(openCLIP json: [UInt8]) throws {
    let data = Data(json)
    let decoder = JSONDecoder()
    self =
      try (try? decoder.decode(OpenCLIPFile.self, from: data))?.model.configuration()
      ?? decoder.decode(OpenCLIPModel.self, from: data).configuration()
  }
}

private struct OpenCLIPFile: Decodable {
  let model: OpenCLIPModel
  enum CodingKeys: String, CodingKey { case model = "model_cfg" }
}

/// open_clip's names of what differs between its models.
private struct OpenCLIPModel: Decodable {
  struct Vision: Decodable {
    let name: String
    let imageSize: Int?
    enum CodingKeys: String, CodingKey {
      case name = "timm_model_name"
      case imageSize = "image_size"
    }
  }

  struct Text: Decodable {
    let contextLength: Int?, vocabularySize: Int?, width: Int?, heads: Int?, layers: Int?
    let isNotCausal: Bool?
    enum CodingKeys: String, CodingKey {
      case contextLength = "context_length"
      case vocabularySize = "vocab_size"
      case width, heads, layers
      case isNotCausal = "no_causal_mask"
    }
  }

  let embeddingWidth: Int
  let logitBias: Float?
  let isQuickGELU: Bool?
  let vision: Vision
  let text: Text
  enum CodingKeys: String, CodingKey {
    case embeddingWidth = "embed_dim"
    case logitBias = "init_logit_bias"
    case isQuickGELU = "quick_gelu"
    case vision = "vision_cfg"
    case text = "text_cfg"
  }

  func configuration() throws -> MobileCLIPConfiguration {
    var made: MobileCLIPConfiguration
    switch vision.name {
    case "fastvit_mci1": made = .s1
    case "fastvit_mci2": made = .s2
    default:
      throw refusal(
        [CodingKeys.vision, Vision.CodingKeys.name], "\(vision.name) is none of fastvit_mci1, fastvit_mci2")
    }
    guard isQuickGELU != true else {
      throw refusal([CodingKeys.isQuickGELU], "QuickGELU is not the activation of MobileCLIP's S1 or S2")
    }
    guard text.isNotCausal == true else {
      throw refusal([CodingKeys.text, Text.CodingKeys.isNotCausal], "a causal text tower is not MobileCLIP's S1 or S2")
    }
    made.embeddingWidth = embeddingWidth
    made.initialLogitBias = logitBias
    made.vision.imageSize = vision.imageSize ?? made.vision.imageSize
    made.text.contextLength = text.contextLength ?? made.text.contextLength
    made.text.vocabularySize = text.vocabularySize ?? made.text.vocabularySize
    made.text.width = text.width ?? made.text.width
    made.text.intermediate = 4 * made.text.width
    made.text.heads = text.heads ?? made.text.heads
    made.text.layers = text.layers ?? made.text.layers
    return made
  }

  private func refusal(_ path: [any CodingKey], _ reason: String) -> DecodingError {
    DecodingError.dataCorrupted(.init(codingPath: path, debugDescription: reason))
  }
}
