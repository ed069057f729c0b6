internal import Layers
internal import Settings
internal import TensorEngine

/// Which heads for hidden regions a model has whose authors publish none.
struct RegionHeadSizes: Equatable, Sendable {
  /// Says what the features of a hidden region were.
  var hasFeatures = false
  /// C: what a hidden region may have been, the background first; nil for none.
  var classes: Int?
  /// Says what the pixels of a hidden cell were.
  var hasPixels = false

  /// With one more, and the images as it needs them; nil where these have nothing that it could say.
  func with(_ part: ModelPart, of images: RegionSource) -> (heads: RegionHeadSizes, images: RegionSource)? {
    var (made, images) = (self, images)
    switch part {
    case .regionFeatures:
      guard images.hasFeatures else { return nil }
      made.hasFeatures = true
    case .regionClasses:
      guard let asked = images.withClasses, classes.map({ $0 == images.classes }) ?? true else { return nil }
      (made.classes, images) = (images.classes, asked)
    case .regionPixels:
      guard images.patchSide != nil else { return nil }
      made.hasPixels = true
    default: return nil
    }
    return (made, images)
  }

  /// What makes them unusable beside such images.
  func flaw(_ images: RegionSource) -> String? {
    classes.flatMap { outside($0, 2...1_000_000, "a number of region classes") }
      ?? (hasPixels && images.patchSide == nil ? "a head for pixels of patches, and regions that are none" : nil)
      ?? (hasFeatures && !images.hasFeatures ? "a head for features of regions, and patches that have none" : nil)
  }
}

/// These heads: each a layer, a norm, and a number for all that it says (Lu et al., "ViLBERT", 2019, §3.2).
struct RegionHeads {
  let features: MaskedRegionHead?
  let classes: MaskedRegionHead?
  let pixels: MaskedRegionHead?

  /// - Parameter width: of the joint states of images.
  init(_ sizes: RegionHeadSizes, of images: RegionSource, width: Int, epsilon: Float, _ builder: ParameterBuilder) {
    let deviation = BERTConfiguration.deviation
    let head = { (name: String, targets: Int) in
      MaskedRegionHead(
        width: width, targets: targets, activation: .geluErf, epsilon: epsilon, deviation: deviation, builder[name])
    }
    features = sizes.hasFeatures ? head("region_features", images.width) : nil
    classes = sizes.classes.map { head("region_classes", $0) }
    pixels = (sizes.hasPixels ? images.patchSide : nil).map {
      .pixels(width: width, side: $0, epsilon: epsilon, deviation: deviation, builder)
    }
  }

  var areThere: Bool { features != nil || classes != nil || pixels != nil }

  /// What the names of their parameters begin with.
  static let prefixes = ["region_features.", "region_classes.", MaskedRegionHead.patchHeadName + "."]
}

// MARK: Names in config.json

extension RegionHeadSizes: Encodable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case hasFeatures = "region_features_head"
    case classes = "region_classes"
    case hasPixels = "region_pixels_head"
  }

  /// What a `config.json` may have beside its model's own keys.
  static let keys = CodingKeys.allCases.map(\.rawValue)

  init(_ file: Settings) throws(SettingsError) {
    hasFeatures = try file.flag(CodingKeys.hasFeatures.rawValue) ?? false
    classes = try file.whole(CodingKeys.classes.rawValue)
    hasPixels = try file.flag(CodingKeys.hasPixels.rawValue) ?? false
  }

  func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    if hasFeatures { try keys.encode(true, forKey: .hasFeatures) }
    try keys.encodeIfPresent(classes, forKey: .classes)
    if hasPixels { try keys.encode(true, forKey: .hasPixels) }
  }
}
