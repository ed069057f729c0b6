extension CLIPConfiguration {
  public static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? {
    sizes(tensors).map { "\(modelType) (\($0))" }
  }

  /// The image tower of a CLIP in any layout: `vit-b-32: 768 wide, 12 layers, patches of 32 pixels`.
  static func sizes(_ tensors: [(name: String, shape: [Int])]) -> String? {
    let patches = ["vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight"]
    guard let patch = tensors.first(where: { tensor in patches.contains { tensor.name.hasSuffix($0) } }),
      patch.shape.count == 4
    else { return nil }
    let layers = Set(tensors.compactMap { layer($0.name) }).count
    let (width, side) = (patch.shape[0], patch.shape[3])
    let preset = presets.first { $0.width == width && $0.patch == side && $0.layers == layers }?.name
    return (preset.map { $0 + ": " } ?? "") + "\(width) wide, \(layers) layers, patches of \(side) pixels"
  }
}

private let presets: [(name: String, width: Int, layers: Int, patch: Int)] = [
  ("vit-b-32", 768, 12, 32), ("vit-b-16", 768, 12, 16), ("vit-l-14", 1024, 24, 14),
]

/// The number of the block of the image tower that a tensor belongs to.
private func layer(_ name: String) -> Substring? {
  for prefix in ["vision_model.encoder.layers.", "visual.transformer.resblocks."] {
    guard let start = name.firstRange(of: prefix)?.upperBound else { continue }
    return name[start...].prefix { $0 != "." }
  }
  return nil
}
