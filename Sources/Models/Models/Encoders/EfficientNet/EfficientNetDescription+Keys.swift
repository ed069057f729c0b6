extension EfficientNetDescription {
  public static var publishedKeys: [PublishedKeys] {
    [
      PublishedKeys("timm's", mark: "conv_stem.weight", unusedPrefixes: ["classifier."]),
      PublishedKeys(
        "efficientnet_lite_pytorch's", mark: "_conv_stem.weight", unusedPrefixes: ["_fc."], key: packageKey),
    ]
  }
}

// The package counts the blocks of Lite0 through, and has the layers of a block under names of their own.

private let depths = EfficientNetDescription().stages.map(\.depth)

/// Layers outside of blocks: timm's names and the package's.
private let outerNames = [("conv_stem", "_conv_stem"), ("bn1", "_bn0"), ("conv_head", "_conv_head"), ("bn2", "_bn1")]
/// Within a block that is wider inside, and within one that is not.
private let widerNames = [
  ("conv_pw", "_expand_conv"), ("bn1", "_bn0"), ("conv_dw", "_depthwise_conv"), ("bn2", "_bn1"),
  ("conv_pwl", "_project_conv"), ("bn3", "_bn2"),
]
private let plainNames = [
  ("conv_dw", "_depthwise_conv"), ("bn1", "_bn1"), ("conv_pw", "_project_conv"), ("bn2", "_bn2"),
]

private func names(ofStage stage: Int) -> [(String, String)] { stage == 0 ? plainNames : widerNames }

/// `blocks.1.0.conv_pw.weight` → `_blocks.1._expand_conv.weight`, and so on.
@Sendable private func packageKey(_ parameter: String) -> String {
  let parts = parameter.split(separator: ".").map(String.init)
  if parts.count == 5, parts[0] == "blocks", let stage = Int(parts[1]), let place = Int(parts[2]),
    depths.indices.contains(stage), let layer = names(ofStage: stage).first(where: { $0.0 == parts[3] })
  {
    return "_blocks.\(depths[..<stage].reduce(0, +) + place).\(layer.1).\(parts[4])"
  }
  guard parts.count == 2, let layer = outerNames.first(where: { $0.0 == parts[0] }) else { return parameter }
  return "\(layer.1).\(parts[1])"
}
