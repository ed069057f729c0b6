public import Images
public import Layers

extension MMBERTConfiguration: ModelDescription {
  public static let modelType = "mmbert"
  public static let title = "MMBERT"
  public static let ownParts = [ModelPart.matchingHead, .maskedTextHead]
  public static let unusedKeys = [
    "model.text.encoder", "model.text.pooling", "model.text.causal", "model.text.dropout",
    "model.text.attention_dropout", "model.embedding_width", "model.projection", "model.fusion", "model.regions",
    "model.vision.patch_size", "model.vision.width", "model.vision.layers", "model.vision.heads",
  ]
  public static let ownKeys = ["model.vision.stages"]

  /// Of the model that was trained on radiology's pictures; its network is a ResNet-152.
  public static let publishedSizes = [
    ("model.vision.image_size", 224), ("model.text.context_length", 75), ("model.text.width", 768),
    ("model.text.layers", 4), ("model.text.heads", 12), ("model.text.vocabulary_size", 30_522),
  ].map { (key: $0.0, size: $0.1) }

  public init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    if let found {
      let keys = ["model.preset", "model.vision", "model.text"]
      guard let own = found as? MMBERTConfiguration, !keys.contains(where: request.isStated) else {
        throw .sizesOfWeights(found, request)
      }
      self = own
      return
    }
    vision = try Self.network(request)
    text = try request.bertWords()
    stages = request.settings.vision.stages ?? min(5, vision.stageWidths.count)
    guard stages <= vision.stageWidths.count else {
      throw ModelRequestError(
        key: "model.vision.stages",
        problem: "\(stages) stages, and the network has \(vision.stageWidths.count); give at most that")
    }
  }

  private static func network(_ request: ModelRequest) throws(ModelRequestError) -> any StagedTowerDescription {
    let staged = TowerCatalogue.pictures.filter { $0 is any StagedTowerDescription.Type }.flatMap { $0.names }
    let tower = try request.pictureTower(or: staged[0])
    guard let network = tower as? any StagedTowerDescription else {
      throw ModelRequestError(
        key: request.towers.picture == nil ? "model.vision.encoder" : "initialize.vision",
        problem: "\(type(of: tower).title) has no stages of convolutions; name one of "
          + staged.joined(separator: ", "))
    }
    return network
  }

  public static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? {
    tensors.contains { $0.name == "visual_tokens.slots.weight" } ? modelType : nil
  }

  public var inputs: InputShapes { InputShapes(imageSize: vision.imageSize, text: text.text) }
  public var usualPreprocessing: Preprocessing { vision.usualPreprocessing }
  public var hasBatchNorm: Bool { vision.hasBatchNorm }
  public var ownPrefixes: [String] {
    ["visual_tokens.", "encoder.", "norm.", "matching_head.", "masked_text_head.", "region_places."]
      + RegionHeads.prefixes
  }

  public var flaw: String? {
    vision.flaw.map { "the network: " + $0 } ?? text.flaw
      ?? (3...5 ~= stages
        ? nil : "\(stages) stages of the network, and it is looked at in its last 3, 4 or 5")
      ?? (stages <= vision.stageWidths.count
        ? nil : "\(stages) stages of a network that has \(vision.stageWidths.count)")
      ?? (text.tokenTypes < 2 ? "one token type, and words have the second" : nil) ?? regionHeads.flaw(regions)
  }

  /// What can be hidden of pictures: the cells of the network's last map.
  var regions: RegionSource { RegionSource(.tower(vision)) }

  /// What makes tokens of each; the transformer that both pass is of neither.
  public var towers: [Modality: TowerLayers] {
    let own = vision.layers.within("vision_model.")
    return [
      .image: TowerLayers(
        embeddings: own.embeddings, blocks: own.blocks, finalNorm: own.finalNorm, projection: ["visual_tokens."]),
      .text: TowerLayers(embeddings: ["bert.embeddings."], blocks: [], finalNorm: [], projection: []),
    ]
  }

  public func place(of modality: Modality) -> TowerPlace {
    modality == .text ? .ofWords("bert.embeddings.") : .whole(modality)
  }

  public func with(_ part: ModelPart) -> MMBERTConfiguration? {
    var made = self
    switch part {
    case .matchingHead: break
    case .maskedTextHead: made.hasMaskedTextHead = true
    case .comparableStates: break
    case .regionFeatures, .regionClasses, .regionPixels:
      guard let heads = regionHeads.with(part, of: regions)?.heads else { return nil }
      made.regionHeads = heads
    case .features, .logitBias, .textDecoder, .answerDecoder, .pairwiseFeatures: return nil
    }
    return made
  }

  public func advice(on part: ModelPart) -> String? { regions.advice(on: part, told: nil) }

  public func make(_ builder: ParameterBuilder) -> any Model { MMBERTModel(self, builder) }

  public var usage: String {
    """
    Its network has the keys of its own library below `vision_model`, its words those of a BERT; all else is mmtrain's own
    (docs/models/mmbert.md), and `mmtrain` reads it.
    """
  }
}

// MARK: Costs

extension MMBERTConfiguration {
  private var joint: BlockGroup {
    BlockGroup(
      "words and stages", .text, isJoin: true, layers: text.layerCount, heads: text.heads, width: text.width,
      intermediate: text.intermediate, tokens: text.positions + stages)
  }

  public var blocks: [BlockGroup] { vision.blocks + [joint] }

  public func operations(_ shapes: BatchShapes) -> Double {
    let texts = shapes.textLengths
    let seen = vision.operations(texts.map { _ in 1 }, shapes)
    var count = OperationCount(shapes)
    for (width, side) in Array(zip(vision.stageWidths, vision.stageSides)).suffix(stages) {
      count.product(texts.count * side * side, width, text.width)
    }
    let pairs = (0..<shapes.joinings).flatMap { _ in texts.map { $0 + stages } }
    count.join(joint, pairs, context: [], hasCrossAttention: false)
    count.product(pairs.count, text.width, text.width)
    return seen + count.total
  }
}
