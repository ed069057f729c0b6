public import Models

/// What a run asks of a small model of a kind.
/// - Parameters:
///   - stated: keys that somebody stated.
///   - towers: that the run begins from.
///   - change: other sizes.
public func smallRequest(
  _ name: String, stated: [String] = [], towers: FoundTowers = FoundTowers(),
  _ change: (inout ModelSettings) -> Void = { _ in }
) -> ModelRequest {
  var settings = ModelSettings(
    name: name, vision: VisionSettings(imageSize: 16, patchSize: 8, width: 12, layers: 1, heads: 2),
    regions: RegionSettings(width: 6, limit: 4),
    text: TextSettings(contextLength: 12, width: 16, layers: 3, heads: 2, isCausal: false), embeddingWidth: 8,
    projection: ProjectionSettings(), fusion: FusionSettings(layers: 2, heads: 4, width: 20, direction: .both),
    batchNorm: .frozen, reparameterize: false, lora: LowRankSettings(rank: 0, alpha: 16, targets: [], train: []))
  change(&settings)
  return ModelRequest(settings, vocabularySize: 30, tokens: (1, 2), towers: towers) { key in
    stated.contains { $0 == key || $0.hasPrefix(key + ".") }
  }
}
