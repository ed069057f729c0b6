public import Images
public import Layers
public import Settings
public import TensorEngine

/// The sizes of BLIP's image tower: a vision transformer whose queries, keys and values are one array. Keys that a file leaves
/// out have the library's defaults, those of BLIP-base.
public struct BLIPVisionConfiguration: PublishedVisionTransformer, Equatable, Sendable {
  public var imageSize = 384
  public var patchSize = 16
  public var channels = 3
  public var width = 768
  public var intermediate = 3072
  public var layerCount = 12
  public var heads = 12
  public var activation = Activation.geluErf
  public var epsilon: Float = 1e-5
  var hasInBias = true

  public init() {}

  var transformer: TransformerConfiguration {
    TransformerConfiguration(
      width: width, layers: layerCount, heads: heads, intermediate: intermediate, activation: activation,
      epsilon: epsilon, names: .blip, scales: TransformerScales(all: initialDeviation))
  }

  /// Of all weights at the start.
  var initialDeviation: Float { TransformerScales.deviation(width: width) }
}

extension BLIPVisionConfiguration: PictureTowerDescription {
  public static let modelType = "blip_vision_model"
  public static let title = "BLIP's image tower"
  /// A model draws it where nobody names another.
  public static let names: [String] = []

  public static let publishedKeys = [
    PublishedKeys(
      "BLIP of Hugging Face", prefixes: ["", "vision_model."], mark: "embeddings.class_embedding",
      unusedPrefixes: ["text_encoder.", "text_decoder.", "vision_proj.", "text_proj.", "itm_head."])
  ]

  /// The shapes of a file do not say how many heads a layer has.
  public init?(shape: (_ parameter: String) -> [Int]?) { return nil }

  public init(_ name: String, _ request: ModelRequest) throws(ModelRequestError) {
    let settings = request.settings.vision
    (imageSize, patchSize) = (settings.imageSize, settings.patchSize)
    (width, intermediate) = (settings.width, 4 * settings.width)
    (layerCount, heads) = (settings.layers, settings.heads)
  }

  public var flaw: String? {
    patchFlaw(imageSize: imageSize, patchSize: patchSize, channels: channels) ?? transformer.flaw
  }

  public var layers: TowerLayers {
    TowerLayers(
      embeddings: ["embeddings."], blocks: (0..<layerCount).map { ["encoder.layers.\($0)."] },
      finalNorm: ["post_layernorm."], projection: [])
  }

  private var block: BlockGroup {
    BlockGroup(
      "image", .image, layers: layerCount, heads: heads, width: width, intermediate: intermediate, tokens: tokens)
  }

  public var blocks: [BlockGroup] { [block] }
  public var grid: TokenGrid { TokenGrid(side: imageSize / patchSize, hasClassToken: true) }

  /// As BLIP's evaluation has it: squashed to a square, bicubic, CLIP's means and deviations.
  public var usualPreprocessing: Preprocessing {
    let clip = Preprocessing.clip(imageSize: imageSize)
    return Preprocessing(
      imageSize: imageSize, filter: .bicubic, fit: .squash, mean: clip.mean,
      standardDeviation: clip.standardDeviation)
  }

  public func operations(_ lengths: [Int], _ shapes: BatchShapes) -> Double {
    var count = OperationCount(shapes)
    count.patchTower(block, images: lengths.count, patchSize: patchSize)
    return count.total
  }

  public func makePictureEncoder(_ builder: ParameterBuilder) -> any PictureEncoder { BLIPVisionTower(self, builder) }
}

// MARK: Names in config.json. Source: transformers 5.24, `models/blip/configuration_blip.py`

extension BLIPVisionConfiguration {
  public init(_ file: Settings) throws(SettingsError) {
    try file.require(known)
    try readVisionTransformer(file)
  }
}

private let known = KnownKeys(
  read: visionTransformerKeys.filter { $0 != "qkv_bias" },
  harmless: [
    // Dropout is for training, and what a run's own configuration says of it counts; nothing is projected to this width.
    "attention_dropout", "dropout", "initializer_range", "projection_dim", "bos_token_id", "eos_token_id",
  ] + generalKeys + decoderKeys,
  understood: generalUnderstood.merging(["qkv_bias": [.boolean(true)]]) { first, _ in first })

extension BLIPVisionConfiguration: Encodable {
  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case imageSize = "image_size"
    case patchSize = "patch_size"
    case channels = "num_channels"
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(imageSize, forKey: .imageSize)
    try keys.encode(patchSize, forKey: .patchSize)
    try keys.encode(channels, forKey: .channels)
    try encodeTransformer(to: encoder)
  }
}
