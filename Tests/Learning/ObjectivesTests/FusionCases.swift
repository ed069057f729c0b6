import Models
import Objectives

extension ObjectiveCase {
  /// Models in which text and image meet from the first layers on.
  static let fusions: [ObjectiveCase] = {
    var matching = ObjectiveSettings(["matching": 1])
    matching.negatives = .random
    var both = matching
    both["masked_text"] = 0.5
    return [
      ObjectiveCase(name: "vilbert, regions", description: vilbert(nil), weights: matching),
      ObjectiveCase(name: "vilbert, regions and masked words", description: vilbert(nil), weights: both),
      ObjectiveCase(name: "vilbert, a tower's regions", description: vilbert("vit"), weights: both),
      ObjectiveCase(name: "early fusion", description: fusion(.early), weights: both),
      ObjectiveCase(name: "late fusion", description: fusion(.late), weights: matching),
      ObjectiveCase(name: "hybrid fusion", description: fusion(.hybrid), weights: both),
      ObjectiveCase(name: "bottleneck fusion", description: fusion(.bottleneck), weights: both),
      ObjectiveCase(
        name: "gated attention with sentinels", description: CrossAttentionConfiguration(ObjectiveCase.towers, gated),
        weights: ObjectiveSettings(["matching": 1])),
    ]
  }()

  private static let gated: FusionConfiguration = {
    var gated = FusionConfiguration(layers: 1, heads: 2, width: 16, direction: .both)
    (gated.gate, gated.hasSentinel) = (.dense, true)
    return gated
  }()

  /// Three layers, through bottlenecks from the second on; vectors of their own are gated.
  private static func fusion(_ kind: FusionKind) -> FusionModelConfiguration {
    var fusion = FusionSettings(layers: 3, heads: 2, width: 12, direction: .both)
    fusion.kind = kind
    if kind == .late || kind == .hybrid { fusion.late = .gated }
    let request = request("fusion", fusion, text: TextSettings(contextLength: 8, width: 12, layers: 1, heads: 2))
    guard let made = try? FusionModelConfiguration(request, from: nil) else {
      preconditionFailure("a fusion model of these sizes can be made")
    }
    return made.with(.maskedTextHead) ?? made
  }

  private static func request(
    _ name: String, _ fusion: FusionSettings, text: TextSettings, encoder: String? = nil
  ) -> ModelRequest {
    var settings = ModelSettings(
      name: name, vision: VisionSettings(imageSize: 16, patchSize: 8, width: 16, layers: 1, heads: 2),
      regions: RegionSettings(width: 6, limit: 4), text: text, embeddingWidth: 8, projection: ProjectionSettings(),
      fusion: fusion, batchNorm: .frozen, reparameterize: false,
      lora: LowRankSettings(rank: 0, alpha: 16, targets: [], train: []))
    settings.vision.encoder = encoder
    return ModelRequest(settings, vocabularySize: 20, tokens: (18, 19)) { _ in false }
  }

  /// Three layers of text and two of the image, with connections in front of the last two of each.
  private static func vilbert(_ tower: String?) -> ViLBERTConfiguration {
    let request = request(
      ViLBERTConfiguration.modelType, FusionSettings(layers: 2, heads: 4, width: 12, direction: .both),
      text: TextSettings(contextLength: 8, width: 16, layers: 3, heads: 2, isCausal: false), encoder: tower)
    guard let made = try? ViLBERTConfiguration(request, from: nil) else {
      preconditionFailure("a ViLBERT of these sizes can be made")
    }
    return made
  }
}
