// A run may begin from a vision transformer, whose blocks are the stream's (Kim et al., "ViLT", 2021, §4.2), and from a BERT, whose
// words are the stream's words.

extension ViLTConfiguration {
  /// Takes the sizes of the towers that a run begins from.
  mutating func begin(from request: ModelRequest) throws(ModelRequestError) {
    try takeStream(of: request)
    guard request.towers.text != nil else { return }
    try takeWords(request.bertWords(), request)
  }

  private mutating func takeStream(of request: ModelRequest) throws(ModelRequestError) {
    guard let found = request.towers.picture else { return }
    guard let tower = found as? ViTConfiguration else {
      throw ModelRequestError(
        key: "initialize.vision",
        problem:
          "a \(Self.modelType) is a transformer over patches, as a ViT is, and this is \(type(of: found).title); name a "
          + "ViT's directory")
    }
    try request.requireSizesOfWeights("vision", found, ["encoder", "patch_size", "width", "layers", "heads"])
    // Positions are brought to another size that a run states.
    if !request.isStated("model.vision.image_size") { imageSize = tower.imageSize }
    (patchSize, channels) = (tower.patchSize, tower.channels)
    (width, intermediate) = (tower.width, tower.intermediate)
    (layerCount, heads, activation) = (tower.layerCount, tower.heads, tower.activation)
    (epsilon, hasInBias) = (tower.epsilon, tower.hasInBias)
  }

  /// The stream's width and epsilon are one for all, so that the words' have to be those of a vision transformer that is there.
  private mutating func takeWords(_ words: BERTConfiguration, _ request: ModelRequest) throws(ModelRequestError) {
    (vocabularySize, contextLength, tokenTypes) = (words.vocabularySize, words.positions, words.tokenTypes)
    guard request.towers.picture != nil || request.isStated("model.vision.width") else {
      (width, intermediate, epsilon) = (words.width, 4 * words.width, words.epsilon)
      return
    }
    guard words.width == width, words.epsilon == epsilon else {
      throw ModelRequestError(
        key: "initialize.text",
        problem:
          "its words are \(words.width) wide with an epsilon of \(words.epsilon), and the transformer has \(width) and "
          + "\(epsilon); name a BERT that fits, or leave one of the two out")
    }
  }

  public func place(of modality: Modality) -> TowerPlace {
    guard modality == .image else { return .ofWords("vilt.embeddings.text_embeddings.") }
    let names = ["embeddings.cls_token", "embeddings.position_embeddings", "embeddings.patch_embeddings."]
    return TowerPlace(
      (names + ["encoder.", "layernorm."]).map { (model: "vilt." + $0, tower: $0) }, readsOtherSizes: true)
  }
}
