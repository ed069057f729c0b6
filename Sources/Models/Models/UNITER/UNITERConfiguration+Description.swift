public import Images
public import Layers

extension UNITERConfiguration: AnsweringDescription {
  public static let modelType = "uniter"
  public static let title = "UNITER"
  public static let ownParts = [ModelPart.matchingHead, .maskedTextHead]
  public static let unusedKeys = [
    "model.text.encoder", "model.text.pooling", "model.text.causal", "model.embedding_width", "model.projection",
    "model.fusion",
  ]

  public static let publishedSizes = [
    ("model.text.context_length", 512), ("model.text.width", 768), ("model.text.layers", 12), ("model.text.heads", 12),
    ("model.text.vocabulary_size", 28996), ("model.regions.width", 2048), ("model.regions.limit", 100),
  ].map { (key: $0.0, size: $0.1) }

  /// In-domain pre-training (Chen et al., 2020, and the configuration files of their program): one of four tasks a step, and the
  /// alignment a tenth of matching.
  public static let publishedRecipe = [
    ("objective.mix", "sampled"), ("objective.matching", "2"), ("objective.masked_text", "2"),
    ("objective.masked_regions.features", "1"), ("objective.masked_regions.distribution", "1"),
    ("objective.alignment", "0.1"), ("optimizer.learning_rate", "5e-5"), ("optimizer.beta1", "0.9"),
    ("optimizer.beta2", "0.98"), ("optimizer.weight_decay", "0.01"), ("optimizer.gradient_clip", "5"),
    ("schedule.warmup_fraction", "0.05"), ("model.text.dropout", "0.1"), ("model.text.attention_dropout", "0.1"),
  ].map { (key: $0.0, value: $0.1) }

  public init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    if let found {
      guard let model = found as? UNITERConfiguration, !Self.sizeKeys.contains(where: request.isStated) else {
        throw .sizesOfWeights(found, request)
      }
      self = model
      try regions.take(request)
    } else {
      self.init(try RegionSource(request, of: Self.modelType))
      text = try request.bert()
    }
    text.dropout = request.dropout
  }

  private static let sizeKeys =
    ["model.preset", "model.regions.width"] + RegionSource.towerKeys
    + ["context_length", "width", "layers", "heads", "vocabulary_size"].map { "model.text." + $0 }

  public static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? {
    tensors.contains { $0.name.hasPrefix("uniter.img_embeddings.") } ? modelType : nil
  }

  public var inputs: InputShapes { InputShapes(images: regions.images, text: text.text) }
  public var usualPreprocessing: Preprocessing { regions.preprocessing ?? .clip() }
  public var hasBatchNorm: Bool { regions.hasBatchNorm }
  public var answerCount: Int? { heads.answers }

  public var flaw: String? {
    text.flaw ?? regions.flaw ?? heads.regionClasses.flatMap {
      outside($0, 2...1_000_000, "a number of region classes")
    }
      ?? heads.answers.flatMap { outside($0, 1...10_000_000, "a number of answers") } ?? answersFlaw
      ?? (text.tokenTypes < 2 ? "one token type, and regions have the second" : nil)
  }

  /// What makes tokens of each; the blocks that both pass are counted as the text's.
  public var towers: [Modality: TowerLayers] {
    [
      .image: TowerLayers(
        embeddings: [Self.towerPrefix + ".", "uniter.img_embeddings."], blocks: [], finalNorm: [], projection: []),
      .text: TowerLayers(
        embeddings: ["uniter.embeddings."], blocks: (0..<text.layerCount).map { ["uniter.encoder.layer.\($0)."] },
        finalNorm: ["uniter.pooler."], projection: []),
    ]
  }

  /// The whole of a BERT is in it.
  public func place(of modality: Modality) -> TowerPlace {
    guard modality == .text else { return .whole(modality) }
    let parts = ["embeddings.", "encoder.", "pooler."].map { (model: "uniter." + $0, tower: $0) }
    return .ofBERT(parts, optional: ["pooler."])
  }

  public func with(_ part: ModelPart) -> UNITERConfiguration? {
    var made = self
    switch part {
    case .matchingHead: made.heads.hasMatching = true
    case .maskedTextHead: made.heads.hasMaskedText = true
    case .regionFeatures: made.heads.hasRegionFeatures = true
    case .regionClasses: return withRegionClasses
    case .regionPixels:
      guard regions.patchSide != nil else { return nil }
      made.heads.hasRegionPixels = true
    case .comparableStates: break
    case .features, .logitBias, .textDecoder, .answerDecoder, .pairwiseFeatures: return nil
    }
    return made
  }

  /// Of the data's; nil where they have none, or others than a head that is there.
  private var withRegionClasses: UNITERConfiguration? {
    guard let asked = regions.withClasses, heads.regionClasses.map({ $0 == regions.classes }) ?? true else {
      return nil
    }
    var made = self
    (made.regions, made.heads.regionClasses) = (asked, regions.classes)
    return made
  }

  public func advice(on part: ModelPart) -> String? { regions.advice(on: part, told: heads.regionClasses) }

  public func make(_ builder: ParameterBuilder) -> any Model { UNITERModel(self, builder) }

  public var usage: String {
    """
    Its arrays have the names of the authors' files (docs/models/uniter.md), and `mmtrain` reads it.
    """
  }
}

extension UNITERConfiguration: DescriptionOfWeights {
  /// Which heads files have they do not say, but for the number of answers.
  public func fitting(_ shape: (_ key: String) -> [Int]?) -> UNITERConfiguration {
    var made = self
    made.heads = Heads(
      hasMaskedText: shape("cls.predictions.bias") != nil, hasRegionFeatures: shape("feat_regress.bias") != nil,
      regionClasses: shape("region_classifier.net.3.bias")?.first,
      hasRegionPixels: shape(MaskedRegionHead.patchHeadKey) != nil, hasMatching: shape("itm_output.bias") != nil,
      hasRanking: shape("rank_output.bias") != nil, answers: shape("vqa_output.3.bias")?.first)
    return made
  }
}

extension UNITERConfiguration: PublishedDescription {
  public static let headPrefixes = [
    "cls.", "feat_regress.", "region_classifier.", "itm_output.", "rank_output.", "vqa_output.",
    MaskedRegionHead.patchHeadName + ".",
  ]

  /// What comes from BERT's own files has norms as TensorFlow called their arrays.
  public static func otherKeys(of parameter: String) -> [String] {
    let isOwn = ["uniter.", "cls.predictions."].contains { parameter.hasPrefix($0) }
    let other = BERTConfiguration.withGammaAndBeta(parameter)
    return isOwn && other != parameter ? [other] : []
  }

  /// Copies of tables that heads read backwards.
  public static func isDead(_ key: String) -> Bool {
    ["cls.predictions.decoder.weight", "feat_regress.weight"].contains(key)
  }
}

// MARK: Costs

extension UNITERConfiguration {
  private var joint: BlockGroup {
    BlockGroup(
      "words and regions", .text, isJoin: true, layers: text.layerCount, heads: text.heads, width: text.width,
      intermediate: text.intermediate, tokens: text.positions + regions.limit)
  }

  public var blocks: [BlockGroup] { regions.blocks + [joint] }

  public func operations(_ shapes: BatchShapes) -> Double {
    let pairs = shapes.textLengths.count
    var count = OperationCount(shapes)
    count.embed(regions, rows: pairs * regions.limit, .withSides, width: text.width)
    for _ in 0..<shapes.joinings {
      count.tower(joint, shapes.textLengths.map { $0 + regions.limit }, poolsAll: true)
      count.product(pairs, text.width, text.width)
    }
    return regions.operations(images: pairs, shapes) + count.total
  }
}
