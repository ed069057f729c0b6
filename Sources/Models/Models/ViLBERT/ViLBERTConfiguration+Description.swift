public import Images
public import Layers

extension ViLBERTConfiguration: AnsweringDescription {
  public static let modelType = "vilbert"
  public static let title = "ViLBERT"
  public static let ownParts = [ModelPart.matchingHead, .maskedTextHead]
  public static let unusedKeys = [
    "model.text.encoder", "model.text.pooling", "model.embedding_width", "model.projection",
  ]

  public static let publishedSizes = [
    ("model.text.context_length", 512), ("model.text.width", 768), ("model.text.layers", 12), ("model.text.heads", 12),
    ("model.text.vocabulary_size", 30522), ("model.fusion.width", 1024), ("model.fusion.layers", 6),
    ("model.fusion.heads", 8), ("model.regions.width", 2048), ("model.regions.limit", 36),
  ].map { (key: $0.0, size: $0.1) }

  /// The three losses of Lu et al., 2019, §3.2; of the regions that are asked for 9 in 10 are hidden.
  public static let publishedRecipe = [
    ("objective.masked_regions.distribution", "1"), ("objective.masked_regions.kept", "0.1"),
    ("objective.masked_regions.overlap", "0.4"), ("model.text.dropout", "0.1"), ("model.text.attention_dropout", "0.1"),
  ].map { (key: $0.0, value: $0.1) }

  /// Connections stand in front of the last layers of the text, and of all layers of the image, which are as many, as wide and
  /// as many-headed as the connections: so are the published sizes.
  public init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    if let found {
      guard let own = found as? ViLBERTConfiguration, !Self.sizeKeys.contains(where: request.isStated) else {
        throw .sizesOfWeights(found, request)
      }
      self = own
      try regions.take(request)
      words.dropout = request.dropout
      return
    }
    words = try request.bert()
    guard words.epsilon == BERTConfiguration().epsilon else {
      throw ModelRequestError(
        key: "initialize.text",
        problem:
          "its norms have an epsilon of \(words.epsilon), and all of a vilbert's \(BERTConfiguration().epsilon); name "
          + "another BERT")
    }
    let fusion = request.settings.fusion
    guard fusion.layers <= words.layerCount else {
      throw ModelRequestError(
        key: "model.fusion.layers",
        problem: "\(fusion.layers) connections stand in front of as many layers of the text, which has "
          + "\(words.layerCount); give at most that, or raise model.text.layers")
    }
    (width, heads) = (fusion.width, fusion.heads)
    (vision.width, vision.layers, vision.heads) = (fusion.width, fusion.layers, fusion.heads)
    vision.intermediate = fusion.width
    imageConnections = Array(0..<fusion.layers)
    textConnections = (0..<fusion.layers).map { words.layerCount - fusion.layers + $0 }
    regions = try RegionSource(request, of: Self.modelType)
  }

  private static let sizeKeys =
    ["model.preset", "model.fusion", "model.regions.width"] + RegionSource.towerKeys
    + ["context_length", "width", "layers", "heads", "vocabulary_size"].map { "model.text." + $0 }

  public static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? {
    tensors.contains { $0.name.contains("encoder.c_layer.") } ? modelType : nil
  }

  public var inputs: InputShapes { InputShapes(images: regions.images, text: words.text) }
  public var usualPreprocessing: Preprocessing { regions.preprocessing ?? .clip() }
  public var hasBatchNorm: Bool { regions.hasBatchNorm }
  /// Of VQA.
  public var answerCount: Int? { answerHeads?.vqa }

  public var flaw: String? {
    words.flaw.map { "the text's stream: " + $0 } ?? regions.flaw ?? streams.flaw
      ?? pretraining.flatMap { outside($0.toldNumbers, 1...65_536, "a number of region targets") }
      ?? answerHeads.flatMap { outside(min($0.vqa, $0.gqa), 1...1_000_000, "a number of answers") }
      ?? answerHeads.flatMap { outside(max($0.vqa, $0.gqa), 1...1_000_000, "a number of answers") } ?? answersFlaw
      ?? taskTokens.flatMap { outside($0, 1...10_000, "a number of task tokens") }
  }

  /// The streams as far as they see themselves alone.
  public var towers: [Modality: TowerLayers] {
    let layers = { (name: String, count: Int) in (0..<count).map { ["bert.encoder.\(name).\($0)."] } }
    return [
      .image: TowerLayers(
        embeddings: [Self.towerPrefix + ".", "bert.v_embeddings."], blocks: layers("v_layer", streams.imageAlone),
        finalNorm: [], projection: []),
      .text: TowerLayers(
        embeddings: ["bert.embeddings."], blocks: layers("layer", streams.textAlone), finalNorm: [], projection: []),
    ]
  }

  /// A BERT's pooler is of another width than the connections'.
  public func place(of modality: Modality) -> TowerPlace {
    guard modality == .text else { return .whole(modality) }
    return .ofBERT(["embeddings.", "encoder.layer."].map { (model: "bert." + $0, tower: $0) })
  }

  /// What the names of an image tower's parameters begin with, where one makes the regions.
  static let towerPrefix = "vision_model"

  public func with(_ part: ModelPart) -> ViLBERTConfiguration? {
    switch part {
    case .matchingHead, .maskedTextHead: withPretrainingHeads
    case .regionFeatures: withPretrainingHeads.telling(regions.width)
    case .regionClasses: withRegionClasses
    case .regionPixels: withRegionPixels
    case .comparableStates: words.width == vision.width ? self : nil
    case .features, .logitBias, .textDecoder, .answerDecoder, .pairwiseFeatures: nil
    }
  }

  private var withRegionClasses: ViLBERTConfiguration? {
    guard let asked = regions.withClasses, let count = regions.classes else { return nil }
    var made = withPretrainingHeads
    made.regions = asked
    return made.telling(count)
  }

  private var withRegionPixels: ViLBERTConfiguration? {
    guard regions.patchSide != nil else { return nil }
    var made = withPretrainingHeads
    made.pretraining?.hasRegionPixels = true
    return made
  }

  /// With a head that tells so many numbers of a hidden region; nil where it tells others already.
  private func telling(_ numbers: Int) -> ViLBERTConfiguration? {
    guard pretraining?.regionTargets ?? numbers == numbers else { return nil }
    var made = self
    made.pretraining?.regionTargets = numbers
    return made
  }

  public func advice(on part: ModelPart) -> String? {
    switch part {
    case .regionClasses where regions.classes == nil, .regionPixels: regions.advice(on: part, told: nil)
    case .regionClasses, .regionFeatures:
      pretraining?.regionTargets.map {
        "its one head for hidden regions tells \($0) numbers, and the data's have \(regions.width) features"
          + (regions.classes.map { " and \($0) classes" } ?? "") + "; choose the kind that it tells, or set it to 0"
      }
    case .comparableStates:
      "its streams are \(words.width) and \(vision.width) wide; make model.text.width and model.fusion.width alike, or set "
        + "it to 0"
    default: nil
    }
  }

  /// They come together.
  private var withPretrainingHeads: ViLBERTConfiguration {
    guard pretraining == nil else { return self }
    var made = self
    made.pretraining = PretrainingSizes()
    return made
  }

  public func make(_ builder: ParameterBuilder) -> any Model { ViLBERTModel(self, builder) }

  public var usage: String {
    """
    Its arrays have the names of vilbert-multi-task (docs/models/vilbert.md), and `mmtrain` reads it.
    """
  }
}

// MARK: What weights say

extension ViLBERTConfiguration: DescriptionOfWeights {
  public func fitting(_ shape: (_ key: String) -> [Int]?) -> ViLBERTConfiguration {
    var made = self
    made.pretraining = shape("cls.imagePredictions.decoder.bias")?.first.map {
      PretrainingSizes(regionTargets: $0, hasRegionPixels: shape(MaskedRegionHead.patchHeadKey) != nil)
    }
    made.answerHeads = nil
    if let vqa = shape("vil_prediction.logit_fc.3.bias")?.first,
      let gqa = shape("vil_prediction_gqa.logit_fc.3.bias")?.first
    {
      made.answerHeads = AnswerCounts(vqa: vqa, gqa: gqa)
    }
    made.taskTokens = shape("bert.embeddings.task_embeddings.weight")?.first
    return made
  }
}

// MARK: Costs

extension ViLBERTConfiguration {
  private func group(_ modality: Modality, layers: Int, isJoin: Bool) -> BlockGroup {
    if modality == .text {
      BlockGroup(
        isJoin ? "joint text" : "text", .text, isJoin: isJoin, layers: layers, heads: words.heads, width: words.width,
        intermediate: words.intermediate, tokens: words.positions + (taskTokens == nil ? 0 : 1))
    } else {
      BlockGroup(
        isJoin ? "joint image" : "image", .image, isJoin: isJoin, layers: layers, heads: vision.heads,
        width: vision.width, intermediate: vision.intermediate, tokens: imageTokens)
    }
  }

  /// Regions and what stands for the whole image.
  private var imageTokens: Int { regions.limit + (regions.startsWithWhole ? 0 : 1) }

  public var blocks: [BlockGroup] {
    let (streams, connections) = (streams, textConnections.count)
    return regions.blocks + [
      group(.image, layers: streams.imageAlone, isJoin: false), group(.text, layers: streams.textAlone, isJoin: false),
      group(.image, layers: vision.layers - streams.imageAlone + connections, isJoin: true),
      group(.text, layers: words.layerCount - streams.textAlone + connections, isJoin: true),
    ]
  }

  public func operations(_ shapes: BatchShapes) -> Double {
    let texts = shapes.textLengths
    let images = [Int](repeating: imageTokens, count: texts.count)
    var count = OperationCount(shapes)
    count.embed(regions, rows: images.reduce(0, +), .withArea, width: vision.width)
    count.tower(group(.image, layers: streams.imageAlone, isJoin: false), images, poolsAll: true)
    count.tower(group(.text, layers: streams.textAlone, isJoin: false), texts, poolsAll: true)
    let pairedTexts = (0..<shapes.joinings).flatMap { _ in texts }
    let pairedImages = (0..<shapes.joinings).flatMap { _ in images }
    count.tower(group(.image, layers: vision.layers - streams.imageAlone, isJoin: false), pairedImages, poolsAll: true)
    count.tower(group(.text, layers: words.layerCount - streams.textAlone, isJoin: false), pairedTexts, poolsAll: true)
    for _ in textConnections {
      count.connection(words.width, words.intermediate, pairedTexts, context: pairedImages, width: width)
      count.connection(vision.width, vision.intermediate, pairedImages, context: pairedTexts, width: width)
    }
    count.product(pairedTexts.count, words.width + vision.width, width)
    return regions.operations(images: images.count, shapes) + count.total
  }
}

extension OperationCount {
  /// One stream's part of a connection: queries, keys and values of it, attention to the other one, what is merged, and the
  /// perceptron.
  fileprivate mutating func connection(
    _ stream: Int, _ intermediate: Int, _ lengths: [Int], context: [Int], width: Int
  ) {
    let tokens = lengths.reduce(0, +)
    product(tokens, stream, 4 * width, times: times)
    attention(lengths, context, width: width)
    for _ in 0..<2 { product(tokens, stream, intermediate, times: times) }
  }
}

// MARK: Published files

extension ViLBERTConfiguration: PublishedDescription {
  /// A run may begin from weights of the streams alone, and add the heads.
  public static let headPrefixes = ["cls.", MaskedRegionHead.patchHeadName + "."]

  /// Files of before 2019 call the weights and biases of norms as TensorFlow did.
  public static func otherKeys(of parameter: String) -> [String] {
    [(".weight", ".gamma"), (".bias", ".beta")].compactMap { ours, theirs in
      parameter.contains("LayerNorm") && parameter.hasSuffix(ours) ? parameter.dropLast(ours.count) + theirs : nil
    }
  }

  /// The words' table once more, as the head reads it.
  public static func isDead(_ key: String) -> Bool { key == "cls.predictions.decoder.weight" }
}
