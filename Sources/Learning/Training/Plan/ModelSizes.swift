internal import Configuration
internal import Files
internal import Models

extension RunConfiguration {
  /// The same with the sizes that the model really has: those of weights that are there, or of a kind of tower that has no others,
  /// count and not those of the preset.
  func withSizes(of description: any ModelDescription) -> RunConfiguration {
    let hears = description.images.modality == .audio || description.inputs.clips != nil
    let areDrawn = hears && firstTowers.audio == nil && firstWeights.map(isDirectory) != true
    let unused = (areDrawn ? [] : Self.audioSizes) + description.idleKeys
    return with(sizes: unused.map { (key: $0, size: nil) }).withSizesOfTowers(of: description)
  }

  private func withSizesOfTowers(of description: any ModelDescription) -> RunConfiguration {
    let isWhole = firstWeights.map(isDirectory) == true
    guard let features = description as? any FeatureDescription else {
      // Its layers are those of no tower where they come with weights; its texts look both ways, and where it reads regions it has
      // no tower of images.
      let ofImages = description.images.side == nil ? Self.visionSizes : []
      let unused = isWhole ? Self.layerSizes : ofImages + sizesOfTowers
      return with(sizes: (unused + ["model.text.causal"]).map { (key: $0, size: nil) })
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
    (firstTowers.vision == nil ? [] : Self.visionSizes)
      + (firstTowers.text == nil ? [] : ["width", "layers", "heads"].map { "model.text." + $0 })
  }

  private static func sizes(_ group: String, _ blocks: BlockGroup?) -> [(key: String, size: Int?)] {
    zip(["width", "layers", "heads"], [blocks?.width, blocks?.layers, blocks?.heads])
      .map { (key: group + "." + $0, size: $1) }
  }

  /// The keys that say how large layers are.
  private static let layerSizes =
    visionSizes
    + ["model.text", "model.fusion"].flatMap { group in ["width", "layers", "heads"].map { "\(group).\($0)" } }
    + ["model.text.context_length"]
  private static let audioSizes = ["bands", "frames", "patch_size", "stride", "width", "layers", "heads"].map {
    "model.audio." + $0
  }
  private static let visionSizes = ["width", "layers", "heads", "image_size", "patch_size"].map { "model.vision." + $0 }
}
