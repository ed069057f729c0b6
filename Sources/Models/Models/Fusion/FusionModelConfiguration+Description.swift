public import Audio
public import Images
public import Layers

extension FusionModelConfiguration: ModelDescription {
  public static let modelType = "fusion"
  public static let title = "its own fusion of any two encoders"
  public static let ownParts = [ModelPart.matchingHead]
  /// Encoders of texts look where their kind does.
  public static let unusedKeys = ["model.text.causal", "model.embedding_width", "model.projection"]
  public static let ownKeys =
    ["kind", "late", "bottlenecks", "bottleneck_layer"].map { "model.fusion." + $0 } + audioKeys

  /// Of the bottleneck transformer (Nagrani et al., 2021, §4.2): ViT-B/16's, and BERT's words.
  public static let publishedSizes = [
    ("model.vision.image_size", 224), ("model.vision.patch_size", 16), ("model.vision.width", 768),
    ("model.text.context_length", 40), ("model.text.width", 768), ("model.text.vocabulary_size", 30_522),
    ("model.fusion.width", 768), ("model.fusion.layers", 12), ("model.fusion.heads", 12),
  ].map { (key: $0.0, size: $0.1) }

  /// Patches and words, unless other encoders are asked for or are there.
  public init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    guard let found else {
      images = try Self.images(request)
      words = try request.textTower(or: WordDescription.modelType)
      contextLength = try request.contextLength(of: words)
      fusion = try FusionSizes(request)
      if let key = idleKeys.first(where: request.isStated) {
        throw ModelRequestError(
          key: key,
          problem: "what reads \(key.contains("text") ? "texts" : "images") here makes no use of it; leave it out")
      }
      return
    }
    guard var own = found as? FusionModelConfiguration, !Self.sizeKeys.contains(where: request.isStated) else {
      throw .sizesOfWeights(found, request)
    }
    try own.images.take(request)
    try request.setDropout(of: &own.words)
    self = own
  }

  private static let sizeKeys =
    ["model.preset", "model.regions.width", "model.fusion"] + RegionSource.towerKeys
    + ["encoder", "pooling", "context_length", "width", "layers", "heads", "causal", "vocabulary_size"].map {
      "model.text." + $0
    }

  private static func images(_ request: ModelRequest) throws(ModelRequestError) -> RegionSource {
    let areRegions = request.towers.picture == nil && request.settings.vision.encoder == TowerCatalogue.regions
    var made = RegionSource(
      areRegions ? .given(request.regionShape) : .tower(try request.imageTower(or: PatchDescription.modelType)))
    try made.take(request)
    return made
  }

  /// Patches, words and networks of convolutions have no layers of attention, regions nothing of a tower.
  public var idleKeys: [String] {
    let layers = ["layers", "heads"]
    let ofTexts = words.blocks.isEmpty ? layers.map { "model.text." + $0 } : []
    guard let tower = images.tower else {
      return (["image_size", "patch_size", "width"] + layers).map { "model.vision." + $0 } + ofTexts
    }
    let ofImages = tower.blocks.isEmpty ? layers.map { "model.vision." + $0 } : []
    return ofImages + ofTexts + ["model.regions.width", "model.regions.limit"]
  }

  public static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? {
    let marks = ["fusion.joint.", "fusion.text.layers.", "fusion.bottlenecks."]
    return tensors.contains { tensor in marks.contains(where: tensor.name.hasPrefix) } ? modelType : nil
  }

  public var inputs: InputShapes {
    var text = words.text
    text.contextLength = contextLength
    return InputShapes(images: images.images, text: text)
  }

  public var usualPreprocessing: Preprocessing { images.preprocessing ?? .clip() }
  public var usualClips: AudioPreprocessing? { images.clips }
  public var hasBatchNorm: Bool { images.hasBatchNorm }
  public var ownPrefixes: [String] {
    ["fusion.", "region_tokens.", "matching_head.", "masked_text_head."] + RegionHeads.prefixes
  }

  public var flaw: String? {
    images.flaw ?? words.flaw.map { "the text tower: " + $0 }
      ?? outside(contextLength, 2...words.text.contextLength, "a context length") ?? fusion.flaw
      ?? regionHeads.flaw(images)
  }

  /// The encoders; the fusion layers are of neither.
  public var towers: [Modality: TowerLayers] {
    let regions = TowerLayers(embeddings: ["region_tokens."], blocks: [], finalNorm: [], projection: [])
    return [
      images.images.modality: images.tower.map { $0.layers.within($0.places.tower + ".") } ?? regions,
      .text: words.layers.within("text_model."),
    ]
  }

  /// Words alone are a part of a BERT.
  public func place(of modality: Modality) -> TowerPlace {
    modality == .text && words is any PartialTowerDescription ? .ofWords("text_model.embeddings.") : .whole(modality)
  }

  public func with(_ part: ModelPart) -> FusionModelConfiguration? {
    switch part {
    case .matchingHead: return self
    case .features, .logitBias, .textDecoder, .answerDecoder, .pairwiseFeatures: return nil
    case .regionFeatures, .regionClasses, .regionPixels:
      guard fusion.form.kind != .late, let heads = regionHeads.with(part, of: images) else { return nil }
      var made = self
      (made.regionHeads, made.images) = heads
      return made
    case .comparableStates: return fusion.form.kind != .late ? self : nil
    case .maskedTextHead:
      guard fusion.form.kind != .late, !words.isCausal else { return nil }
      var made = self
      made.hasMaskedTextHead = true
      return made
    }
  }

  public func advice(on part: ModelPart) -> String? {
    let kinds = "set model.fusion.kind to early, hybrid or bottleneck, so that "
    switch part {
    case .comparableStates: return kinds + "words and places know each other"
    case .maskedTextHead where words.isCausal:
      return "name a text tower that looks both ways, so that a masked word is told from those after it too"
    case .maskedTextHead: return kinds + "a masked word is told from the image too"
    case .regionFeatures, .regionClasses, .regionPixels:
      return fusion.form.kind == .late
        ? kinds + "a hidden region is told from the text too" : images.advice(on: part, told: regionHeads.classes)
    case .features, .logitBias, .matchingHead, .textDecoder, .answerDecoder, .pairwiseFeatures: return nil
    }
  }

  public func make(_ builder: ParameterBuilder) -> any Model { FusionModel(self, builder) }

  public var usage: String {
    """
    Its encoders have the keys of their own libraries below `vision_model` and `text_model`; the fusion layers and the heads are
    mmtrain's own (docs/models/fusion.md), and `mmtrain` reads it.
    """
  }
}

// MARK: Costs

extension FusionModelConfiguration {
  private func group(_ name: String, _ modality: Modality, layers: Int, tokens: Int) -> BlockGroup {
    BlockGroup(
      name, modality, isJoin: true, layers: layers, heads: fusion.heads, width: fusion.width,
      intermediate: fusion.intermediate, tokens: tokens)
  }

  /// The layers that tokens of both pass together.
  private var joint: BlockGroup {
    group("joint", .image, layers: fusion.layerCount, tokens: contextLength + images.limit)
  }

  /// The layers that each passes apart.
  private func apart(from first: Int = 0, to end: Int, more: Int = 0) -> [BlockGroup] {
    [
      group("fusion text", .text, layers: end - first, tokens: contextLength + more),
      group("fusion image", .image, layers: end - first, tokens: images.limit + more),
    ]
  }

  public var blocks: [BlockGroup] { images.blocks + words.blocks.map { $0.cut(to: contextLength) } + joins }

  private var joins: [BlockGroup] {
    switch fusion.form {
    case .early: [joint]
    case .late: apart(to: fusion.layerCount)
    case .hybrid: [joint] + apart(to: fusion.layerCount)
    case .bottleneck(let tokens, _): apart(to: fusion.layerCount, more: tokens)
    }
  }

  public func operations(_ shapes: BatchShapes) -> Double {
    let texts = shapes.textLengths
    let (seen, read) = (images.operations(images: texts.count, shapes), words.operations(texts, shapes))
    guard shapes.isJoining else { return seen + read }
    var count = OperationCount(shapes)
    let tokens = texts.map { _ in images.limit }
    if images.tower == nil {
      count.embed(images, rows: tokens.reduce(0, +), .withArea, width: fusion.width)
    } else if images.width != fusion.width {
      count.product(tokens.reduce(0, +), images.width, fusion.width)
    }
    if words.width != fusion.width { count.product(texts.reduce(0, +), words.width, fusion.width) }
    let repeated = { (lengths: [Int]) in (0..<shapes.joinings).flatMap { _ in lengths } }
    let (pairedTexts, pairedImages) = (repeated(texts), repeated(tokens))
    countJoin(texts, tokens, pairedTexts, pairedImages, &count)
    count.product(pairedTexts.count, fusion.width, fusion.width)
    return seen + read + count.total
  }

  private func countJoin(
    _ texts: [Int], _ images: [Int], _ pairedTexts: [Int], _ pairedImages: [Int], _ count: inout OperationCount
  ) {
    func pass(_ groups: [BlockGroup], _ texts: [Int], _ images: [Int]) {
      for (group, lengths) in zip(groups, [texts, images]) {
        count.join(group, lengths, context: [], hasCrossAttention: false)
      }
    }
    if fusion.form.kind == .early || fusion.form.kind == .hybrid {
      count.join(joint, zip(pairedTexts, pairedImages).map(+), context: [], hasCrossAttention: false)
    }
    switch fusion.form {
    case .early: break
    case .late(let vectors), .hybrid(let vectors):
      pass(apart(to: fusion.layerCount), texts, images)
      count.vectors(vectors, of: 2, pairs: pairedTexts.count, width: fusion.width)
    case .bottleneck(let tokens, let first):
      pass(apart(to: first), texts, images)
      pass(
        apart(from: first, to: fusion.layerCount), pairedTexts.map { $0 + tokens }, pairedImages.map { $0 + tokens })
    }
  }
}
