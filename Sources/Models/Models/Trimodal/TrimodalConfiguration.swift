public import Settings
internal import TensorEngine

/// The sizes of a model of three towers: of pictures, of texts and of clips, the layers in which they meet two by two, and the space in
/// which all three have features. Its `config.json` is mmtrain's own.
public struct TrimodalConfiguration: Sendable {
  public var vision: any PictureTowerDescription
  public var words: any TextTowerDescription
  public var clips: any ClipTowerDescription
  /// Most tokens of a text, start and end token included; the text tower may have positions for more.
  public var contextLength: Int
  /// D
  public var embeddingWidth: Int
  /// Of each pair of modalities, which has layers of its own.
  var fusion: FusionConfiguration
  /// How the vectors of the pairs become one.
  var combination: VectorFusionKind
  /// The logarithm of each pair's inverse temperature at the start: ln(1 / 0.07).
  public var initialLogitScale: Float = 2.6592

  package init(
    _ vision: any PictureTowerDescription, _ words: any TextTowerDescription, _ clips: any ClipTowerDescription,
    contextLength: Int, embeddingWidth: Int, _ fusion: FusionConfiguration, _ combination: VectorFusionKind
  ) {
    (self.vision, self.words, self.clips) = (vision, words, clips)
    (self.contextLength, self.embeddingWidth) = (contextLength, embeddingWidth)
    (self.fusion, self.combination) = (fusion, combination)
  }
}

extension TrimodalConfiguration: Equatable {
  public static func == (a: TrimodalConfiguration, b: TrimodalConfiguration) -> Bool {
    a.vision.isEqual(to: b.vision) && a.words.isEqual(to: b.words) && a.clips.isEqual(to: b.clips)
      && a.contextLength == b.contextLength && a.embeddingWidth == b.embeddingWidth && a.fusion == b.fusion
      && a.combination == b.combination && a.initialLogitScale == b.initialLogitScale
  }
}

// MARK: Names in config.json

extension TrimodalConfiguration: Encodable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case modelType = "model_type"
    case architectures
    case vision = "vision_config"
    case text = "text_config"
    case audio = "audio_config"
    case pooling = "text_pooling"
    case contextLength = "text_context_length"
    case embeddingWidth = "projection_dim"
    case fusion = "fusion_config"
    case combination = "combine"
    case initialLogitScale = "logit_scale_init_value"
  }

  public init(_ file: Settings) throws(SettingsError) {
    try file.require(KnownKeys(read: CodingKeys.allCases.map(\.rawValue), harmless: ["transformers_version"]))
    vision = try TowerCatalogue.picture(file.requiredGroup(CodingKeys.vision.rawValue))
    words = try DualEncoderConfiguration.textTower(of: file)
    clips = try TowerCatalogue.clip(file.requiredGroup(CodingKeys.audio.rawValue))
    contextLength = try file.whole(CodingKeys.contextLength.rawValue) ?? words.text.contextLength
    embeddingWidth = try file.requiredWhole(CodingKeys.embeddingWidth)
    fusion = try FusionConfiguration(file.requiredGroup(CodingKeys.fusion.rawValue))
    let key = CodingKeys.combination.rawValue
    guard let kind = VectorFusionKind(rawValue: try file.required(file.text(key), key)) else {
      throw file.unsupported(key, wanted: VectorFusionKind.allCases.map(\.rawValue).joined(separator: ", "))
    }
    combination = kind
    if let scale = try file.number(CodingKeys.initialLogitScale.rawValue) { initialLogitScale = Float(scale) }
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(["TrimodalModel"], forKey: .architectures)
    try vision.encode(to: keys.superEncoder(forKey: .vision))
    try words.encode(to: keys.superEncoder(forKey: .text))
    try clips.encode(to: keys.superEncoder(forKey: .audio))
    if words.pooling != type(of: words).poolings.first { try keys.encode(words.pooling, forKey: .pooling) }
    if contextLength != words.text.contextLength { try keys.encode(contextLength, forKey: .contextLength) }
    try keys.encode(embeddingWidth, forKey: .embeddingWidth)
    try keys.encode(fusion, forKey: .fusion)
    try keys.encode(combination, forKey: .combination)
    try keys.encode(initialLogitScale, forKey: .initialLogitScale)
  }
}
