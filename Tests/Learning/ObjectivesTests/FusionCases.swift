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
    ]
  }()

  /// Three layers of text and two of the image, with connections in front of the last two of each.
  private static func vilbert(_ tower: String?) -> ViLBERTConfiguration {
    var settings = ModelSettings(
      name: ViLBERTConfiguration.modelType,
      vision: VisionSettings(imageSize: 16, patchSize: 8, width: 16, layers: 1, heads: 2),
      regions: RegionSettings(width: 6, limit: 4),
      text: TextSettings(contextLength: 8, width: 16, layers: 3, heads: 2, isCausal: false), embeddingWidth: 8,
      projection: ProjectionSettings(), fusion: FusionSettings(layers: 2, heads: 4, width: 12, direction: .both),
      batchNorm: .frozen, reparameterize: false, lora: LowRankSettings(rank: 0, alpha: 16, targets: [], train: []))
    settings.vision.encoder = tower
    let request = ModelRequest(settings, vocabularySize: 20, tokens: (18, 19)) { _ in false }
    guard let made = try? ViLBERTConfiguration(request, from: nil) else {
      preconditionFailure("a ViLBERT of these sizes can be made")
    }
    return made
  }
}
