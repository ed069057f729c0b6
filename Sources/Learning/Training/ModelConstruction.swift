public import Models
internal import Tokenization

/// The architecture of a configuration that needs no data set: with the tokenizer's vocabulary taken as CLIP's.
public func benchmarkModel(_ configuration: RunConfiguration) -> ModelDescription {
  configuration.modelDescription(vocabularySize: 49_408, startToken: 49_406, endToken: 49_407)
}

extension RunConfiguration {
  /// The directory or file that the run begins with.
  var firstWeights: String? { foundWeights ?? initialize.weights }

  /// The architecture that the configuration asks for.
  /// - Parameter tokenizer: gives the size of the vocabulary where `model.text.vocabulary_size` does not.
  func modelDescription(_ tokenizer: any Tokenizer) -> ModelDescription {
    modelDescription(
      vocabularySize: tokenizer.vocabularySize, startToken: tokenizer.startToken, endToken: tokenizer.endToken)
  }

  func modelDescription(vocabularySize: Int, startToken: Int32 = 0, endToken: Int32 = 0) -> ModelDescription {
    var towers = CLIPConfiguration()
    towers.vision.imageSize = model.vision.imageSize
    towers.vision.patchSize = model.vision.patchSize
    towers.vision.width = model.vision.width
    towers.vision.intermediate = 4 * model.vision.width
    towers.vision.layers = model.vision.layers
    towers.vision.heads = model.vision.heads
    towers.text.vocabularySize = model.text.vocabularySize ?? vocabularySize
    towers.text.contextLength = model.text.contextLength
    towers.text.width = model.text.width
    towers.text.intermediate = 4 * model.text.width
    towers.text.layers = model.text.layers
    towers.text.heads = model.text.heads
    towers.text.startToken = startToken
    towers.text.endToken = endToken
    towers.embeddingWidth = model.embeddingWidth
    switch model.name {
    case .clip:
      return .clip(towers)
    case .crossAttention:
      let direction = FusionDirection(rawValue: model.fusion.direction.rawValue) ?? .both
      return .crossAttention(
        towers,
        FusionConfiguration(
          layers: model.fusion.layers, heads: model.fusion.heads, width: model.fusion.width, direction: direction))
    }
  }

  /// The sizes of a model that weights were made for, with those replaced that the configuration states.
  func statedSizes(replacing found: CLIPConfiguration) -> CLIPConfiguration {
    var towers = found
    func replace<Value>(_ key: String, _ field: WritableKeyPath<CLIPConfiguration, Value>, _ value: Value) {
      if isStated(key) { towers[keyPath: field] = value }
    }
    replace("model.vision.image_size", \.vision.imageSize, model.vision.imageSize)
    replace("model.vision.patch_size", \.vision.patchSize, model.vision.patchSize)
    replace("model.vision.width", \.vision.width, model.vision.width)
    replace("model.vision.width", \.vision.intermediate, 4 * model.vision.width)
    replace("model.vision.layers", \.vision.layers, model.vision.layers)
    replace("model.vision.heads", \.vision.heads, model.vision.heads)
    replace("model.text.context_length", \.text.contextLength, model.text.contextLength)
    replace("model.text.width", \.text.width, model.text.width)
    replace("model.text.width", \.text.intermediate, 4 * model.text.width)
    replace("model.text.layers", \.text.layers, model.text.layers)
    replace("model.text.heads", \.text.heads, model.text.heads)
    replace("model.embedding_width", \.embeddingWidth, model.embeddingWidth)
    if let size = model.text.vocabularySize { replace("model.text.vocabulary_size", \.text.vocabularySize, size) }
    return towers
  }
}
