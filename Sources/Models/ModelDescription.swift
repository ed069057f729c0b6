internal import Foundation
public import Layers
internal import TensorEngine

/// A model's architecture as a checkpoint's `config.json` states it.
public enum ModelDescription: Equatable, Sendable {
  case clip(CLIPConfiguration)
  case crossAttention(CLIPConfiguration, FusionConfiguration)

  public var towers: CLIPConfiguration {
    switch self {
    case .clip(let towers), .crossAttention(let towers, _): towers
    }
  }

  /// The name by which configurations ask for it.
  public var name: String {
    switch self {
    case .clip: "clip"
    case .crossAttention: "cross-attention"
    }
  }
}

extension ModelDescription: Codable {
  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case architectures
    case fusion = "fusion_config"
  }
  private static let crossAttentionType = "cross-attention"

  /// - Throws: `DecodingError` naming the key, also for a `model_type` that mmtrain has no model for.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    let towers = try CLIPConfiguration(from: decoder)
    switch try keys.decode(String.self, forKey: .modelType) {
    case "clip": self = .clip(towers)
    case Self.crossAttentionType:
      self = .crossAttention(towers, try keys.decode(FusionConfiguration.self, forKey: .fusion))
    case let other:
      throw DecodingError.dataCorruptedError(
        forKey: .modelType, in: keys,
        debugDescription: "model_type \"\(other)\" is none of clip, \(Self.crossAttentionType)")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    try towers.encode(to: encoder)
    guard case .crossAttention(_, let fusion) = self else { return }
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.crossAttentionType, forKey: .modelType)
    try keys.encode(["CrossAttentionModel"], forKey: .architectures)
    try keys.encode(fusion, forKey: .fusion)
  }

  /// The content of `config.json`.
  public func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try Array(encoder.encode(self)) + [10]
  }

  public init(json: [UInt8]) throws {
    self = try JSONDecoder().decode(ModelDescription.self, from: Data(json))
  }
}

/// An image–text model with its parameters not yet laid out.
public struct ImageTextModel {
  public let description: ModelDescription
  public let towers: CLIP
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
    }
  }
}
