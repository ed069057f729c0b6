internal import Configuration
internal import Files
internal import Models

extension RunConfiguration {
  /// The same with the sizes that the model really has: those of weights that are there, or of a kind of tower that has no others,
  /// count and not those of the preset.
  func withSizes(of description: any ModelDescription) -> RunConfiguration {
    let isWhole = firstWeights.map(isDirectory) == true
    guard let features = description as? any FeatureDescription else {
      // Its layers are those of no tower.
      let idle = (isWhole ? Self.layerSizes : sizesOfTowers) + description.idleKeys
      return with(sizes: idle.map { (key: $0, size: nil) })
    }
    let (image, text) = (description.towerBlocks(.image), description.towerBlocks(.text))
    var sizes: [(key: String, size: Int?)] = []
    if isWhole || firstTowers.vision != nil || image == nil {
      // No description says how large its patches are.
      sizes += [("model.vision.image_size", description.images.side), ("model.vision.patch_size", nil)]
      sizes += Self.sizes("model.vision", image)
    }
    if isWhole || firstTowers.text != nil {
      sizes.append(("model.text.context_length", description.texts.contextLength))
      sizes += Self.sizes("model.text", text)
    }
    if firstTowers.text != nil { sizes.append(("model.text.causal", nil)) }
    guard isWhole else { return with(sizes: sizes) }
    sizes.append(("model.embedding_width", features.embeddingWidth))
    if let join = description.blocks.first(where: \.isJoin) { sizes += Self.sizes("model.fusion", join) }
    return with(sizes: sizes)
  }

  /// The keys that say how large towers would be, of those that the run begins from.
  private var sizesOfTowers: [String] {
    let (vision, text) = (["image_size", "patch_size"], ["causal"])
    let layers = ["width", "layers", "heads"]
    return (firstTowers.vision == nil ? [] : (vision + layers).map { "model.vision." + $0 })
      + (firstTowers.text == nil ? [] : (text + layers).map { "model.text." + $0 })
  }

  private static func sizes(_ group: String, _ blocks: BlockGroup?) -> [(key: String, size: Int?)] {
    zip(["width", "layers", "heads"], [blocks?.width, blocks?.layers, blocks?.heads])
      .map { (key: group + "." + $0, size: $1) }
  }

  /// The keys that say how large layers are.
  private static let layerSizes =
    ["model.vision", "model.text", "model.fusion"].flatMap { group in
      ["width", "layers", "heads"].map { "\(group).\($0)" }
    }
    + ["model.vision.image_size", "model.vision.patch_size", "model.text.context_length"]
}
