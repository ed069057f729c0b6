import Models
import Objectives
import TestSupport

/// A way in which image and text meet, or do not, as a small model.
struct JoinCase: Sendable {
  let name: String
  let description: any ModelDescription

  static let towers = JoinCase("two towers, apart", ObjectiveCase.towers)
  static let postNorm = [
    JoinCase("post-norm stream, regions", UNITERConfiguration.modelType),
    JoinCase("post-norm stream, cells", UNITERConfiguration.modelType, images: "vit"),
  ]
  static let preNorm = JoinCase("pre-norm stream, patches", ViLTConfiguration.modelType)
  static let coAttention = [
    JoinCase("co-attention, regions", ViLBERTConfiguration.modelType, layers: 3),
    JoinCase("co-attention, cells", ViLBERTConfiguration.modelType, layers: 3, images: "vit"),
  ]
  static let droppingCoAttention = JoinCase(
    "co-attention with dropout", ViLBERTConfiguration.modelType, layers: 3, dropping: 0.2)
  static let crossAttention = FusionDirection.allCases.map { direction in
    JoinCase("cross-attention, \(direction)", CrossAttentionConfiguration.modelType, layers: 1) {
      $0.direction = direction
    }
  }
  static let gated = JoinCase("cross-attention, gates and sentinels", CrossAttentionConfiguration.modelType, layers: 1)
  {
    ($0.gate, $0.sentinel) = (.dense, true)
  }
  static let early = [
    JoinCase("early fusion, regions", .early, images: "regions"), JoinCase("early fusion, cells", .early),
    JoinCase("early fusion, patches", .early, images: "patches"),
  ]
  static let late = JoinCase("late fusion, cells", .late)
  static let hybrid = JoinCase("hybrid fusion, cells", .hybrid)
  static let bottleneck = JoinCase("bottleneck fusion, cells", .bottleneck)
  static let stages: JoinCase = {
    var towers = FoundTowers()
    towers.picture = smallResNet(.basic)
    return JoinCase("stages of convolutions among words", MMBERTConfiguration.modelType, towers: towers)
  }()
}

extension JoinCase {
  init(_ name: String, _ description: any ModelDescription) { (self.name, self.description) = (name, description) }

  /// Three layers, through bottlenecks from the second on; vectors of their own are gated.
  /// - Parameter images: what reads them.
  private init(_ name: String, _ kind: FusionKind, images: String = "vit") {
    self.init(name, FusionModelConfiguration.modelType, layers: 3, images: images) { fusion in
      (fusion.layers, fusion.kind) = (3, kind)
      if kind == .late || kind == .hybrid { fusion.late = .gated }
    }
  }

  /// A small one: of so many layers, the last two of which join, all of one width.
  private init(
    _ name: String, _ model: String, layers: Int = 2, images: String? = nil, towers: FoundTowers = FoundTowers(),
    dropping rate: Double = 0, _ change: (inout FusionSettings) -> Void = { _ in }
  ) {
    var settings = ModelSettings(
      name: model, vision: VisionSettings(imageSize: 16, patchSize: 8, width: 16, layers: layers, heads: 2),
      regions: RegionSettings(width: 6, limit: 4),
      text: TextSettings(contextLength: 8, width: 16, layers: layers, heads: 2, isCausal: false), embeddingWidth: 8,
      projection: ProjectionSettings(),
      fusion: FusionSettings(layers: min(layers, 2), heads: 4, width: 16, direction: .both), batchNorm: .frozen,
      reparameterize: false, lora: LowRankSettings(rank: 0, alpha: 16, targets: [], train: []))
    settings.vision.encoder = images
    (settings.text.dropout, settings.text.attentionDropout) = (rate, rate)
    change(&settings.fusion)
    let request = ModelRequest(
      settings, vocabularySize: 20, tokens: (18, 19), regionClasses: 5, towers: towers,
      isStated: { key in
        key == "model.name" || key == "model.text.causal" && model == CrossAttentionConfiguration.modelType
      })
    guard let made = try? ModelCatalogue.description(request) else {
      preconditionFailure("a \(model) of these sizes can be made")
    }
    self.init(name, made)
  }
}

extension JoinCase {
  /// It with these objectives, as weights say; nil where it cannot have them.
  func learning(_ settings: ObjectiveSettings) -> ObjectiveCase? {
    let parts = ObjectiveCatalogue.all.filter { settings[$0.name] != 0 }.flatMap { $0.needs(settings) }
    return description.with(parts).map {
      ObjectiveCase(
        name: "\(name), \(settings.weights.keys.sorted().joined(separator: " and "))", description: $0,
        weights: settings)
    }
  }

  /// With random wrong pairs, and places that are hidden with their like.
  static func settings(_ weights: [String: Double]) -> ObjectiveSettings {
    var settings = ObjectiveSettings(weights)
    settings.negatives = .random
    (settings.maskedRegions.share, settings.maskedRegions.overlap) = (0.3, 0.4)
    return settings
  }
}
