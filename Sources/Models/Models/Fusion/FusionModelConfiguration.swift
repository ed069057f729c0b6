public import Settings

/// The sizes of a fusion model: what reads images, what reads texts, and the layers in which they meet. Its `config.json` is
/// mmtrain's own.
public struct FusionModelConfiguration: Sendable {
  var images: RegionSource
  var words: any TextTowerDescription
  /// Most tokens of a text, start and end token included; what reads texts may have positions for more.
  var contextLength: Int
  var fusion: FusionSizes
  var hasMaskedTextHead = false
  var regionHeads = RegionHeadSizes()
}

extension FusionModelConfiguration: Equatable {
  public static func == (a: FusionModelConfiguration, b: FusionModelConfiguration) -> Bool {
    a.images == b.images && a.words.isEqual(to: b.words) && a.contextLength == b.contextLength && a.fusion == b.fusion
      && a.hasMaskedTextHead == b.hasMaskedTextHead && a.regionHeads == b.regionHeads
  }
}

// MARK: Names in config.json

extension FusionModelConfiguration: Encodable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case modelType = "model_type"
    case architectures
    case fusion = "fusion_config"
    case text = "text_config"
    case pooling = "text_pooling"
    case contextLength = "text_context_length"
    case regionWidth = "region_width"
    case hasMaskedTextHead = "masked_text_head"
  }

  public init(_ file: Settings) throws(SettingsError) {
    try file.require(
      KnownKeys(
        read: CodingKeys.allCases.map(\.rawValue) + RegionSource.keys + RegionHeadSizes.keys,
        harmless: ["transformers_version"]))
    images = try RegionSource(file, width: file.whole(CodingKeys.regionWidth.rawValue) ?? 2048)
    words = try DualEncoderConfiguration.textTower(of: file)
    contextLength = try file.whole(CodingKeys.contextLength.rawValue) ?? words.text.contextLength
    fusion = try FusionSizes(file.requiredGroup(CodingKeys.fusion.rawValue))
    hasMaskedTextHead = try file.flag(CodingKeys.hasMaskedTextHead.rawValue) ?? false
    regionHeads = try RegionHeadSizes(file)
  }

  public func encode(to encoder: any Encoder) throws {
    try images.encode(to: encoder)
    try regionHeads.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(["FusionModel"], forKey: .architectures)
    try keys.encode(fusion, forKey: .fusion)
    try words.encode(to: keys.superEncoder(forKey: .text))
    if words.pooling != type(of: words).poolings.first { try keys.encode(words.pooling, forKey: .pooling) }
    if contextLength != words.text.contextLength { try keys.encode(contextLength, forKey: .contextLength) }
    if images.tower == nil { try keys.encode(images.width, forKey: .regionWidth) }
    if hasMaskedTextHead { try keys.encode(true, forKey: .hasMaskedTextHead) }
  }
}
