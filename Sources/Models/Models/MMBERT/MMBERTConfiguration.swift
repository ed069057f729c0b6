public import Settings

/// The sizes of an MMBERT: a network of convolutions, BERT's embeddings, and one transformer over both. Its `config.json` has BERT's
/// names for the transformer, and the network's own file beside them.
public struct MMBERTConfiguration: Sendable {
  public var vision: any StagedTowerDescription
  /// Of the embeddings and the transformer.
  var text: BERTConfiguration
  /// How many of the network's last stages become tokens.
  var stages: Int
  var hasMaskedTextHead = true
  var regionHeads = RegionHeadSizes()
}

extension MMBERTConfiguration: Equatable {
  public static func == (a: MMBERTConfiguration, b: MMBERTConfiguration) -> Bool {
    a.vision.isEqual(to: b.vision) && a.text == b.text && a.stages == b.stages
      && a.hasMaskedTextHead == b.hasMaskedTextHead && a.regionHeads == b.regionHeads
  }
}

// MARK: Names in config.json

extension MMBERTConfiguration: Encodable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case modelType = "model_type"
    case architectures
    case vision = "vision_config"
    case stages = "vision_stages"
    case hasMaskedTextHead = "masked_text_head"
  }

  public init(_ file: Settings) throws(SettingsError) {
    text = try BERTConfiguration(
      file, also: KnownKeys(read: CodingKeys.allCases.map(\.rawValue) + RegionHeadSizes.keys))
    let tower = try TowerCatalogue.image(file.requiredGroup(CodingKeys.vision.rawValue))
    guard let network = tower as? any StagedTowerDescription else {
      throw file.unsupported(CodingKeys.vision.rawValue, wanted: "a network of convolutions")
    }
    vision = network
    stages = try file.requiredWhole(CodingKeys.stages)
    hasMaskedTextHead = try file.flag(CodingKeys.hasMaskedTextHead.rawValue) ?? false
    regionHeads = try RegionHeadSizes(file)
  }

  public func encode(to encoder: any Encoder) throws {
    try text.encode(to: encoder)
    try regionHeads.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(["MMBERTModel"], forKey: .architectures)
    try vision.encode(to: keys.superEncoder(forKey: .vision))
    try keys.encode(stages, forKey: .stages)
    if hasMaskedTextHead { try keys.encode(true, forKey: .hasMaskedTextHead) }
  }
}
