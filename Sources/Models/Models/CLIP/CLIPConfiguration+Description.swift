public import Layers
public import Settings

extension CLIPConfiguration: FeatureDescription, ExportableDescription {
  public static let modelType = "clip"
  public static let title = "CLIP with two transformers"
  public static let unusedKeys = ["model.fusion", "model.regions"] + towerKeys

  public init(_ file: Settings) throws(SettingsError) { try self.init(file, also: KnownKeys(read: [])) }

  public init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    guard request.settings.text.isCausal else {
      throw ModelRequestError(
        key: "model.text.causal",
        problem: "the text tower of \(Self.modelType) is causal in every library; set it to true")
    }
    try self.init(towersOf: request, from: found)
  }

  public var inputs: InputShapes {
    InputShapes(
      imageSize: vision.imageSize,
      text: TextShape(
        vocabularySize: text.vocabularySize, contextLength: text.contextLength, endToken: text.endToken))
  }

  public var towers: [Modality: TowerLayers] {
    [
      .image: TowerLayers(
        embeddings: ["vision_model.embeddings.", "vision_model.pre_layrnorm."],
        blocks: (0..<vision.layers).map { ["vision_model.encoder.layers.\($0)."] },
        finalNorm: ["vision_model.post_layernorm."], projection: ["visual_projection."]),
      .text: TowerLayers(
        embeddings: ["text_model.embeddings."],
        blocks: (0..<text.layers).map { ["text_model.encoder.layers.\($0)."] },
        finalNorm: ["text_model.final_layer_norm."], projection: ["text_projection."]),
    ]
  }

  public var blocks: [BlockGroup] {
    [vision.block, text.block]
  }

  public func operations(_ shapes: BatchShapes) -> Double {
    var count = OperationCount(shapes)
    add(to: &count, shapes)
    return count.total
  }

  /// The towers' operations.
  func add(to count: inout OperationCount, _ shapes: BatchShapes) {
    let images = shapes.textLengths.count
    count.patchTower(vision.block, images: images, patchSize: vision.patchSize)
    count.tower(text.block, shapes.textLengths)
    count.product(images, vision.width + text.width, embeddingWidth)
    for _ in 0..<2 { count.product(images, embeddingWidth, shapes.globalBatch) }
  }

  public func with(_ part: ModelPart) -> CLIPConfiguration? {
    switch part {
    case .features: self
    case .logitBias: withLogitBias
    case .matchingHead, .maskedTextHead, .regionFeatures, .regionClasses, .regionPixels, .comparableStates,
      .textDecoder, .answerDecoder, .pairwiseFeatures:
      nil
    }
  }

  public func make(_ builder: ParameterBuilder) -> any Model { CLIP(self, builder) }

  public var huggingFaceForm: (any ModelDescription)? { self }
  public var openCLIPForm: (any OpenCLIPDescription)? { self }

  public var usage: String {
    """
    It is a Hugging Face `CLIPModel` directory:

    ```python
    from transformers import CLIPModel
    model = CLIPModel.from_pretrained("this directory")
    ```
    """
  }
}

extension CLIPConfiguration.Vision {
  var block: BlockGroup {
    let side = imageSize / patchSize
    return BlockGroup(
      "image", .image, layers: layers, heads: heads, width: width, intermediate: intermediate, tokens: 1 + side * side)
  }
}

extension CLIPConfiguration.Text {
  var block: BlockGroup {
    BlockGroup(
      "text", .text, layers: layers, heads: heads, width: width, intermediate: intermediate, tokens: contextLength)
  }
}

/// A description whose towers may be CLIP's.
protocol CLIPTowers: ModelDescription {
  /// Nil where they are others.
  var clip: CLIPConfiguration? { get }
}

extension CLIPConfiguration: CLIPTowers {
  var clip: CLIPConfiguration? { self }

  /// The towers that a configuration asks for. Where a run begins from weights, a stated preset replaces all their sizes, and a
  /// stated size (`model.vision.image_size`, say) that one.
  init(towersOf request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    guard let found, !request.isStated("model.preset") else {
      self.init(request)
      return
    }
    guard let towers = (found as? any CLIPTowers)?.clip else { throw .sizesOfWeights(found, request) }
    self = towers
    replaceStatedSizes(request)
  }

  /// The sizes that a configuration states.
  init(_ request: ModelRequest) {
    self.init()
    let (image, words) = (request.settings.vision, request.settings.text)
    (vision.imageSize, vision.patchSize) = (image.imageSize, image.patchSize)
    (vision.width, vision.intermediate) = (image.width, 4 * image.width)
    (vision.layers, vision.heads) = (image.layers, image.heads)
    (text.width, text.intermediate, text.layers, text.heads) = (words.width, 4 * words.width, words.layers, words.heads)
    (text.contextLength, text.isCausal) = (words.contextLength, words.isCausal)
    text.vocabularySize = words.vocabularySize ?? request.vocabularySize
    (text.startToken, text.endToken) = request.tokens
    embeddingWidth = request.settings.embeddingWidth
  }

  private mutating func replaceStatedSizes(_ request: ModelRequest) {
    let sizes = CLIPConfiguration(request)
    func replace<Value>(_ key: String, _ fields: WritableKeyPath<CLIPConfiguration, Value>...) {
      guard request.isStated("model." + key) else { return }
      for field in fields { self[keyPath: field] = sizes[keyPath: field] }
    }
    replace("vision.image_size", \.vision.imageSize)
    replace("vision.patch_size", \.vision.patchSize)
    replace("vision.width", \.vision.width, \.vision.intermediate)
    replace("vision.layers", \.vision.layers)
    replace("vision.heads", \.vision.heads)
    replace("text.context_length", \.text.contextLength)
    replace("text.width", \.text.width, \.text.intermediate)
    replace("text.layers", \.text.layers)
    replace("text.heads", \.text.heads)
    replace("text.vocabulary_size", \.text.vocabularySize)
    replace("embedding_width", \.embeddingWidth)
  }
}

extension ModelRequestError {
  /// For a model whose sizes cannot be others than those of its weights.
  static func sizesOfWeights(_ found: any ModelDescription, _ request: ModelRequest) -> ModelRequestError {
    let keys = ["model.preset", "model.vision", "model.text", "model.embedding_width", "model.name"]
    return ModelRequestError(
      key: keys.first(where: request.isStated) ?? "model.name",
      problem: "the sizes of \(found.name) are those of its weights; leave the key out")
  }
}
