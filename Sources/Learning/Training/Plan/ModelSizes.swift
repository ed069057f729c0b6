internal import Configuration
internal import Files
internal import Models

extension RunConfiguration {
  /// The same with the sizes that the model really has: those of weights that are there, or of a kind of tower that has no others,
  /// count and not those of the preset.
  func withSizes(of description: any ModelDescription) -> RunConfiguration {
    let isWhole = firstWeights.map(isDirectory) == true
    let (image, text) = (description.towerBlocks(.image), description.towerBlocks(.text))
    var sizes: [(key: String, size: Int?)] = []
    if isWhole || firstTowers.vision != nil || image == nil {
      // No description says how large its patches are.
      sizes += [("model.vision.image_size", description.imageSize), ("model.vision.patch_size", nil)]
      sizes += Self.sizes("model.vision", image)
    }
    if isWhole || firstTowers.text != nil || text == nil {
      sizes.append(("model.text.context_length", description.texts.contextLength))
      sizes += Self.sizes("model.text", text)
    }
    if firstTowers.text != nil { sizes.append(("model.text.causal", nil)) }
    guard isWhole else { return with(sizes: sizes) }
    if let features = description as? any FeatureDescription {
      sizes.append(("model.embedding_width", features.embeddingWidth))
    }
    if let join = description.blocks.first(where: \.isJoin) { sizes += Self.sizes("model.fusion", join) }
    return with(sizes: sizes)
  }

  private static func sizes(_ group: String, _ blocks: BlockGroup?) -> [(key: String, size: Int?)] {
    [
      (group + ".width", blocks?.width), (group + ".layers", blocks?.layers), (group + ".heads", blocks?.heads),
    ]
  }
}
