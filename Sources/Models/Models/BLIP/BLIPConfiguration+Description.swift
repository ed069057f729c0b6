public import Images

extension BLIPConfiguration: FeatureDescription {
  public static let modelType = "blip"
  public static let title = "BLIP"
  /// Of a drawn one, unless somebody asks for a decoder.
  public static let ownParts = [ModelPart.features, .matchingHead]
  /// Whether a token sees those behind it, its form says.
  public static let unusedKeys = [
    "model.fusion", "model.regions", "model.projection", "model.text.pooling", "model.text.causal",
  ]

  public static let publishedSizes = [
    ("model.vision.image_size", 384), ("model.vision.patch_size", 16), ("model.vision.width", 768),
    ("model.vision.layers", 12), ("model.vision.heads", 12), ("model.text.context_length", 512),
    ("model.text.width", 768), ("model.text.layers", 12), ("model.text.heads", 12),
    ("model.text.vocabulary_size", 30_524),
  ].map { (key: $0.0, size: $0.1) }

  /// Towers that a run begins from come with their sizes; what is drawn is BLIP's own. Texts begin and end as the tokenizer has
  /// it.
  public init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    if let found {
      guard let own = found as? BLIPConfiguration, !Self.sizeKeys.contains(where: request.isStated) else {
        throw .sizesOfWeights(found, request)
      }
      self = own
      hasLogitScale = true
    } else {
      form = .retrieval
      vision =
        request.towers.picture == nil && request.settings.vision.encoder == nil
        ? try BLIPVisionConfiguration(BLIPVisionConfiguration.modelType, request) : try request.pictureTower()
      text = try request.bert()
      if request.towers.text == nil { text.tokenTypes = 0 }
      // Where nobody names a tokenizer a published vocabulary has its own.
      if max(request.tokens.start, request.tokens.end) < text.vocabularySize {
        bounds = TextBounds(start: request.tokens.start, stop: request.tokens.end)
      }
      featureWidth = request.settings.embeddingWidth
    }
    text.dropout = request.dropout
  }

  private static let sizeKeys =
    ["model.preset", "model.embedding_width", "model.vision.encoder", "model.text.encoder"]
    + ["image_size", "patch_size", "width", "layers", "heads"].map { "model.vision." + $0 }
    + ["context_length", "width", "layers", "heads", "vocabulary_size"].map { "model.text." + $0 }

  public static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? {
    guard tensors.contains(where: { $0.name.contains(".crossattention.self.") }) else { return nil }
    let starts = [decoderPrefix, encoderPrefix, "itm_head"]
    return tensors.contains { tensor in starts.contains { tensor.name.hasPrefix($0 + ".") } } ? modelType : nil
  }

  public var inputs: InputShapes {
    InputShapes(
      imageSize: vision.imageSize,
      text: TextShape(
        vocabularySize: text.vocabularySize, contextLength: text.positions, endToken: nil,
        tokenTypes: max(text.tokenTypes, 1)))
  }

  public var usualPreprocessing: Preprocessing { vision.usualPreprocessing }
  public var embeddingWidth: Int { featureWidth }

  public var flaw: String? {
    vision.flaw.map { "the image tower: " + $0 } ?? outside(text.vocabularySize, 3...10_000_000, "a vocabulary")
      ?? outside(text.positions, 2...65_536, "a context length")
      ?? outside(text.tokenTypes, 0...1024, "a number of token types") ?? text.transformer.flaw
      ?? outside(featureWidth, 1...65_536, "a common width") ?? boundsFlaw
      ?? (initialLogitScale.isFinite ? nil : "the logit scale is not finite")
  }

  private var boundsFlaw: String? {
    let known = 0..<Int32(clamping: text.vocabularySize)
    for (key, token) in [("bos_token_id", bounds.start), ("sep_token_id", bounds.stop)] where !known.contains(token) {
      return "texts begin or end with the token \(token) (\(key)), and the vocabulary has \(text.vocabularySize)"
    }
    return nil
  }

  public var towers: [Modality: TowerLayers] {
    let prefix = form == .captioning ? Self.decoderPrefix + ".bert." : Self.encoderPrefix + "."
    let layers = TowerLayers(
      embeddings: ["embeddings."], blocks: (0..<text.layerCount).map { ["encoder.layer.\($0)."] }, finalNorm: [],
      projection: [])
    let isRetrieval = form == .retrieval
    return [
      .image: vision.layers.within(Self.visionPrefix + ".", projection: isRetrieval ? "vision_proj." : nil),
      .text: layers.within(prefix, projection: isRetrieval ? "text_proj." : nil),
    ]
  }

  /// A BERT looks at nothing, so that what a decoder looks with is drawn.
  public func place(of modality: Modality) -> TowerPlace {
    guard modality == .text else { return .whole(modality) }
    let stacks = [Self.decoderPrefix + ".bert.", Self.encoderPrefix + "."]
    let parts = stacks.flatMap { stack in ["embeddings.", "encoder."].map { (model: stack + $0, tower: $0) } }
    return .ofBERT(parts, optional: (0..<text.layerCount).map { "encoder.layer.\($0).crossattention." })
  }

  public var blocks: [BlockGroup] {
    vision.blocks + [
      BlockGroup(
        "text", .text, isJoin: true, layers: text.layerCount * (form == .answering ? 2 : 1), heads: text.heads,
        width: text.width, intermediate: text.intermediate, tokens: text.positions)
    ]
  }

  public var hasBatchNorm: Bool { vision.hasBatchNorm }

  public func operations(_ shapes: BatchShapes) -> Double {
    let (texts, seen) = (shapes.textLengths, shapes.textLengths.map { _ in vision.tokens })
    let block = blocks[blocks.count - 1]
    var count = OperationCount(shapes)
    if form == .retrieval {
      count.tower(block, texts, poolsAll: true)
      for _ in 0..<shapes.joinings { count.join(block, texts, context: seen, hasCrossAttention: true) }
    } else {
      count.join(block, texts, context: seen, hasCrossAttention: true)
      let tokens = texts.reduce(0, +)
      count.product(tokens, text.width, text.width)
      count.product(tokens, text.width, text.vocabularySize)
    }
    return vision.operations(texts.map { _ in 1 }, shapes) + count.total
  }

  /// What is asked for decides on its form.
  public func with(_ part: ModelPart) -> BLIPConfiguration? {
    switch part {
    case .textDecoder: form == .retrieval ? inForm(.captioning) : self
    case .answerDecoder: inForm(.answering)
    case .features, .matchingHead: inForm(.retrieval)
    case .pairwiseFeatures, .logitBias, .maskedTextHead, .regionFeatures, .regionClasses, .regionPixels,
      .comparableStates:
      nil
    }
  }

  private func inForm(_ form: Form) -> BLIPConfiguration {
    var made = self
    made.form = form
    return made
  }

}

// MARK: What files say

extension BLIPConfiguration: PublishedDescription, DescriptionOfWeights {
  public static let headPrefixes = [decoderPrefix + ".cls.", "itm_head.", "vision_proj.", "text_proj.", "logit_scale"]

  public func fitting(_ shape: (_ key: String) -> [Int]?) -> BLIPConfiguration {
    var made = self
    let embeddings = "embeddings.word_embeddings.weight"
    switch (shape(Self.decoderPrefix + ".bert." + embeddings), shape(Self.encoderPrefix + "." + embeddings)) {
    case (_?, nil): made.form = .captioning
    case (_?, _?): made.form = .answering
    case (nil, _?): made.form = .retrieval
    case (nil, nil): break
    }
    made.hasLogitScale = made.form != .retrieval || shape("logit_scale") != nil
    return made
  }

  /// Older versions hold the bias of words beside the decoder, too.
  public static func otherKeys(of parameter: String) -> [String] {
    parameter == decoderPrefix + ".cls.predictions.bias" ? [decoderPrefix + ".cls.predictions.decoder.bias"] : []
  }

  /// Copies of arrays that are stored once.
  public static func isDead(_ key: String) -> Bool {
    ["weight", "bias"].contains { key == decoderPrefix + ".cls.predictions.decoder." + $0 }
  }
}

extension BLIPConfiguration: ExportableDescription {
  public var huggingFaceForm: (any ModelDescription)? { huggingFaceObstacle == nil ? self : nil }
  public var openCLIPForm: (any OpenCLIPDescription)? { nil }
  public var huggingFaceClasses: (model: String, processor: String) { (form.rawValue, "BlipProcessor") }

  public var huggingFaceObstacle: String? {
    guard vision is BLIPVisionConfiguration else {
      return "its image tower is \(type(of: vision).title), and transformers has BLIP with its own alone"
    }
    guard text.tokenTypes == 0 else { return "its words have token types, and those of transformers' BLIP have none" }
    return answeringObstacle
  }

  /// The library makes both stacks of one `text_config`, and gives both the image's width to look at.
  private var answeringObstacle: String? {
    guard form == .answering, vision.width != text.width else { return nil }
    return
      "a question's states are \(text.width) wide, and transformers' decoder that looks at them is made for the image's \(vision.width)"
  }

  public var usage: String {
    guard huggingFaceObstacle == nil else {
      return """
        Its image tower and its words have the keys of their own libraries (docs/models/blip.md). For `transformers` it has no
        form: \(huggingFaceObstacle ?? "").
        """
    }
    return """
      It is a Hugging Face `\(form.rawValue)` directory (docs/models/blip.md):

      ```python
      from transformers import \(form.rawValue)
      model = \(form.rawValue).from_pretrained("this directory")
      ```
      """
  }
}
