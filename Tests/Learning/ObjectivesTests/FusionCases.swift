import Models
import Objectives

extension ObjectiveCase {
  /// Models in which text and image meet from the first layers on, and every objective that such a model can have: a line a join.
  static let fusions: [ObjectiveCase] =
    cases("post-norm stream", [region, classes, tower], model(UNITERConfiguration.modelType, layers: 2))
    + cases("pre-norm stream", [pixels], model(ViLTConfiguration.modelType, layers: 2))
    + cases("co-attention", [region, classes, tower], model(ViLBERTConfiguration.modelType, layers: 3))
    + cases("cross-attention", [alignment], model(CrossAttentionConfiguration.modelType, layers: 1))
    + cases("gates and sentinels", [alignment], model(CrossAttentionConfiguration.modelType, layers: 1, gated))
    + cases("early fusion", [words], fusion(.early)) + cases("late fusion", [matching], fusion(.late))
    + cases("hybrid fusion", [words], fusion(.hybrid)) + cases("bottleneck fusion", [words], fusion(.bottleneck))

  /// Streams that every parameter sees once a step.
  static let onePass = cases("co-attention", [matching], model(ViLBERTConfiguration.modelType, layers: 3))

  // MARK: What is learnt

  private struct Learnt {
    let weights: [String: Double]
    /// Regions of the data, or cells of an image tower.
    var seesCells = false
  }

  /// Matching with random negatives, its alignment, and masked words and regions all at once.
  private static let region = Learnt(weights: [
    "matching": 1, "alignment": 0.1, "masked_text": 0.5, "masked_regions.features": 1,
  ])
  private static let classes = Learnt(weights: [
    "masked_regions.classes": 1, "masked_regions.distribution": 0.5, "alignment": 1,
  ])
  private static let tower = Learnt(
    weights: ["masked_text": 0.5, "masked_regions.features": 1, "masked_regions.pixels": 1], seesCells: true)
  private static let pixels = Learnt(
    weights: ["matching": 1, "alignment": 0.1, "masked_text": 0.5, "masked_regions.pixels": 1])
  private static let alignment = Learnt(weights: ["matching": 1, "alignment": 0.1])
  private static let matching = Learnt(weights: ["matching": 1])
  private static let words = Learnt(weights: ["matching": 1, "alignment": 0.1, "masked_text": 0.5])

  private static func cases(
    _ name: String, _ learnt: [Learnt], _ make: (_ tower: String?) -> any ModelDescription
  ) -> [ObjectiveCase] {
    learnt.map { learnt in
      var settings = ObjectiveSettings(learnt.weights)
      settings.negatives = .random
      (settings.maskedRegions.share, settings.maskedRegions.overlap) = (0.3, 0.4)
      let parts = ObjectiveCatalogue.all.filter { settings[$0.name] != 0 }.flatMap { $0.needs(settings) }
      // A head of ViLBERT's tells either of two.
      guard let made = make(learnt.seesCells ? "vit" : nil).with(parts) else {
        preconditionFailure("\(name) can have \(parts)")
      }
      return ObjectiveCase(
        name: "\(name), \(learnt.weights.keys.sorted().joined(separator: " and "))", description: made,
        weights: settings)
    }
  }

  // MARK: Models

  /// Three layers, through bottlenecks from the second on; vectors of their own are gated.
  private static func fusion(_ kind: FusionKind) -> (_ tower: String?) -> any ModelDescription {
    let make = model(FusionModelConfiguration.modelType, layers: 3) { fusion in
      (fusion.layers, fusion.kind) = (3, kind)
      if kind == .late || kind == .hybrid { fusion.late = .gated }
    }
    // Images by a tower, since nobody names one.
    return { make($0 ?? "vit") }
  }

  @Sendable private static func gated(_ fusion: inout FusionSettings) {
    (fusion.gate, fusion.sentinel) = (.dense, true)
  }

  /// Small ones: of as many layers, the last of which join, all of one width.
  private static func model(
    _ name: String, layers: Int, _ change: @escaping (inout FusionSettings) -> Void = { _ in }
  ) -> (_ tower: String?) -> any ModelDescription {
    { tower in
      var settings = ModelSettings(
        name: name, vision: VisionSettings(imageSize: 16, patchSize: 8, width: 16, layers: layers, heads: 2),
        regions: RegionSettings(width: 6, limit: 4),
        text: TextSettings(contextLength: 8, width: 16, layers: layers, heads: 2, isCausal: false), embeddingWidth: 8,
        projection: ProjectionSettings(),
        fusion: FusionSettings(layers: min(layers, 2), heads: 4, width: 16, direction: .both),
        batchNorm: .frozen, reparameterize: false, lora: LowRankSettings(rank: 0, alpha: 16, targets: [], train: []))
      settings.vision.encoder = tower
      change(&settings.fusion)
      let request = ModelRequest(
        settings, vocabularySize: 20, tokens: (18, 19), regionClasses: 5, isStated: { $0 == "model.name" })
      guard let made = try? ModelCatalogue.description(request) else {
        preconditionFailure("a \(name) of these sizes can be made")
      }
      return made
    }
  }
}
