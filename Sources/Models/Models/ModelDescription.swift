internal import Foundation
public import Layers
internal import Settings
internal import TensorEngine

/// A model's architecture as a checkpoint's `config.json` states it.
public enum ModelDescription: Equatable, Sendable {
  case clip(CLIPConfiguration)
  case crossAttention(CLIPConfiguration, FusionConfiguration)
  case mobileClip(MobileCLIPConfiguration)

  /// The sizes of two transformer towers; nil for a model whose towers are something else.
  public var transformers: CLIPConfiguration? {
    switch self {
    case .clip(let towers), .crossAttention(let towers, _): towers
    case .mobileClip: nil
    }
  }

  /// S
  public var imageSize: Int {
    switch self {
    case .clip(let towers), .crossAttention(let towers, _): towers.vision.imageSize
    case .mobileClip(let model): model.vision.imageSize
    }
  }

  /// The text tower, a transformer in all models.
  public var text: CLIPConfiguration.Text {
    switch self {
    case .clip(let towers), .crossAttention(let towers, _): towers.text
    case .mobileClip(let model): model.text
    }
  }

  /// D
  public var embeddingWidth: Int {
    switch self {
    case .clip(let towers), .crossAttention(let towers, _): towers.embeddingWidth
    case .mobileClip(let model): model.embeddingWidth
    }
  }

  /// The name by which configurations ask for it.
  public var name: String {
    switch self {
    case .clip: ModelKind.clip.rawValue
    case .crossAttention: ModelKind.crossAttention.rawValue
    case .mobileClip: ModelKind.mobileCLIP.rawValue
    }
  }

  /// The same model as it infers fastest: with branches folded into one, where it has any.
  public var reparameterized: ModelDescription {
    guard case .mobileClip(let model) = self else { return self }
    return .mobileClip(model.folded(.whole))
  }

  /// How far its branches of convolutions and its batch norms are folded; nil for a model without any.
  public var folding: MobileCLIPConfiguration.Folding? {
    guard case .mobileClip(let model) = self else { return nil }
    return model.folding
  }

  /// The bias of all logits at the start; nil for a model without one.
  public var initialLogitBias: Float? {
    switch self {
    case .clip(let towers), .crossAttention(let towers, _): towers.initialLogitBias
    case .mobileClip(let model): model.initialLogitBias
    }
  }

  /// What makes its sizes unusable; nil where a model can be made of them.
  public var flaw: String? {
    switch self {
    case .clip(let towers), .crossAttention(let towers, _): towers.flaw
    case .mobileClip(let model): model.flaw
    }
  }
}

extension ModelDescription: Encodable {
  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case architectures
    case fusion = "fusion_config"
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .clip(let towers):
      try towers.encode(to: encoder)
    case .crossAttention(let towers, let fusion):
      try towers.encode(to: encoder)
      var keys = encoder.container(keyedBy: CodingKeys.self)
      try keys.encode(ModelKind.crossAttention.rawValue, forKey: .modelType)
      try keys.encode(["CrossAttentionModel"], forKey: .architectures)
      try keys.encode(fusion, forKey: .fusion)
    case .mobileClip(let model):
      try model.encode(to: encoder)
    }
  }

  /// The content of `config.json`.
  public func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try Array(encoder.encode(self)) + [10]
  }

  /// Reads a `config.json` of transformers' or mmtrain's making.
  /// - Parameter file: where the bytes came from, for errors.
  /// - Throws: `SettingsError`, also for a model that mmtrain does not have and for any setting that it does not know.
  public init(json: [UInt8], file: String = "config.json") throws {
    let settings = try Settings(json: json, file: file)
    switch try ModelKind(settings) {
    case .clip: self = .clip(try CLIPConfiguration(settings))
    case .crossAttention:
      let fusion = try FusionConfiguration(settings.requiredGroup(CodingKeys.fusion.rawValue))
      self = .crossAttention(
        try CLIPConfiguration(settings, also: KnownKeys(read: [CodingKeys.fusion.rawValue])), fusion)
    case .mobileCLIP: self = .mobileClip(try MobileCLIPConfiguration(settings))
    }
  }
}

/// An image–text model with its parameters not yet laid out.
public struct ImageTextModel {
  public let description: ModelDescription
  public let towers: any ImageTextTowers
  /// Where the model has a matching head.
  public let fusion: CrossAttentionModel?

  public init(_ description: ModelDescription, _ builder: ParameterBuilder) {
    self.description = description
    switch description {
    case .clip(let configuration):
      towers = CLIP(configuration, builder)
      fusion = nil
    case .crossAttention(let configuration, let fusion):
      let model = CrossAttentionModel(configuration, fusion, builder)
      towers = model.towers
      self.fusion = model
    case .mobileClip(let configuration):
      towers = MobileCLIP(configuration, builder)
      fusion = nil
    }
  }
  private init(_ description: ModelDescription, towers: any ImageTextTowers) {
    (self.description, self.towers, fusion) = (description, towers, nil)
  }

  /// The same model as it infers fastest, its branches folded, with an arena of its own; this model and `arena` where it
  /// has none.
  public func reparameterized(_ arena: ParameterArena) -> (model: ImageTextModel, arena: ParameterArena) {
    guard let towers = towers as? MobileCLIP, towers.configuration.folding != .whole else { return (self, arena) }
    let (folded, foldedArena) = towers.reparameterized(arena)
    return (ImageTextModel(description.reparameterized, towers: folded), foldedArena)
  }
}
