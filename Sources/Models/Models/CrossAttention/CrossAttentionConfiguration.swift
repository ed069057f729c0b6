public import Layers
public import Settings

/// The sizes of a cross-attention model: two towers and the layers that join them. Its `config.json` is CLIP's with
/// `fusion_config` beside the towers, `text_is_causal` where CLIP's text tower looks both ways, and `masked_text_head` where
/// it has one; or a dual encoder's, with `towers` to say so.
public struct CrossAttentionConfiguration: CLIPTowers, FeatureDescription, ExportableDescription {
  public static let modelType = "cross-attention"
  public static let title = "its own cross-attention"
  public static let unusedKeys = ["model.regions"]
  public static let ownKeys = ["direction", "gate", "sentinel"].map { "model.fusion." + $0 } + audioKeys
  public static let ownParts = [ModelPart.features, .matchingHead]

  public var pair: any TowerPair
  public var fusion: FusionConfiguration
  public var hasMaskedTextHead = false
  var regionHeads = RegionHeadSizes()

  public init(_ pair: any TowerPair, _ fusion: FusionConfiguration) { (self.pair, self.fusion) = (pair, fusion) }

  /// The towers are CLIP's, unless others are asked for or are there.
  public init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    let other = found as? CrossAttentionConfiguration
    let stated = other?.pair ?? found
    if request.asksForTowers || stated is DualEncoderConfiguration {
      let towers = try DualEncoderConfiguration(request, from: stated)
      guard towers.frames == nil else {
        throw ModelRequestError(
          key: "initialize.weights",
          problem:
            "these towers look at several frames of a video, and \(Self.modelType) at one photo; begin from others")
      }
      pair = towers
    } else {
      let uses = [
        ("model.projection", request.settings.projection != ProjectionSettings()),
        ("model.text", request.settings.text.drops),
      ]
      if let (key, _) = uses.first(where: \.1) {
        throw ModelRequestError(
          key: key,
          problem: "the model's own CLIP towers drop and standardise nothing; leave it out, or name other towers")
      }
      var clip = try CLIPConfiguration(towersOf: request, from: found)
      if request.isStated("model.text.causal") { clip.text.isCausal = request.settings.text.isCausal }
      pair = clip
    }
    hasMaskedTextHead = other?.hasMaskedTextHead ?? false
    regionHeads = other?.regionHeads ?? RegionHeadSizes()
    if let other, !request.isStated("model.fusion") {
      fusion = other.fusion
    } else {
      fusion = try FusionConfiguration(request)
    }
  }

  public static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? {
    let marks = ["fusion.", "matching_head."]
    guard tensors.contains(where: { tensor in marks.contains { tensor.name.contains($0) } }) else { return nil }
    return modelType + (CLIPConfiguration.sizes(tensors).map { " (\($0))" } ?? "")
  }

  var clip: CLIPConfiguration? { pair as? CLIPConfiguration }

  public var inputs: InputShapes { pair.inputs }
  public var flaw: String? { pair.flaw ?? fusion.flaw ?? regionHeads.flaw(regions) }
  public var towers: [Modality: TowerLayers] { pair.towers }
  public var hasBatchNorm: Bool { pair.hasBatchNorm }
  public var ownPrefixes: [String] { ["fusion.", "matching_head.", "masked_text_head."] + RegionHeads.prefixes }
  public var embeddingWidth: Int { pair.embeddingWidth }
  public var standardized: ProjectionSettings.Standardized { pair.standardized }

  public var initialLogitScale: Float {
    get { pair.initialLogitScale }
    set { pair.initialLogitScale = newValue }
  }
  public var initialLogitBias: Float? {
    get { pair.initialLogitBias }
    set { pair.initialLogitBias = newValue }
  }

  public func with(_ part: ModelPart) -> CrossAttentionConfiguration? {
    switch part {
    case .features, .matchingHead: self
    case .logitBias: withLogitBias
    case .maskedTextHead: withMaskedTextHead
    case .comparableStates: fusion.direction == .both ? self : nil
    case .regionFeatures, .regionClasses, .regionPixels: withRegionHead(part)
    case .textDecoder, .answerDecoder, .pairwiseFeatures: nil
    }
  }

  /// What can be hidden of images: what their tower's tokens stand for.
  var regions: RegionSource { RegionSource(.tower(pair.imageTower)) }

  /// Whether the states of places know the text.
  private var imagesLookAtTexts: Bool { fusion.imageHasLayers && fusion.hasCrossAttention }

  private func withRegionHead(_ part: ModelPart) -> CrossAttentionConfiguration? {
    guard imagesLookAtTexts, let heads = regionHeads.with(part, of: regions)?.heads else { return nil }
    var made = self
    made.regionHeads = heads
    return made
  }

  /// Nil under a causal mask, where a masked word would be told by the words before it alone, and where the text does not look
  /// at the image.
  private var withMaskedTextHead: CrossAttentionConfiguration? {
    guard !pair.textIsCausal, fusion.textHasLayers, fusion.hasCrossAttention else { return nil }
    var made = self
    made.hasMaskedTextHead = true
    return made
  }

  public func advice(on part: ModelPart) -> String? {
    switch part {
    case .comparableStates: "set model.fusion.direction to both, so that words and places know each other"
    case .maskedTextHead where pair.textIsCausal:
      "set model.text.causal to false, so that a masked word is told from those after it too"
    case .maskedTextHead:
      "set model.fusion.direction to both or text_to_image, so that a masked word is told from the image too"
    case .regionFeatures, .regionClasses, .regionPixels:
      imagesLookAtTexts
        ? regions.advice(on: part, told: regionHeads.classes)
        : "set model.fusion.direction to both or image_to_text, so that a hidden place is told from the text too"
    case .features, .logitBias, .matchingHead, .textDecoder, .answerDecoder, .pairwiseFeatures: nil
    }
  }

  public func make(_ builder: ParameterBuilder) -> any Model { CrossAttentionModel(self, builder) }

  public var huggingFaceForm: (any ModelDescription)? { (pair as? any ExportableDescription)?.huggingFaceForm }
  public var openCLIPForm: (any OpenCLIPDescription)? { (pair as? any ExportableDescription)?.openCLIPForm }

  public var huggingFaceObstacle: String? { (pair as? any ExportableDescription)?.huggingFaceObstacle }

  public var usage: String {
    """
    Its towers have the keys of a \(type(of: pair).title); the fusion layers and the matching head are mmtrain's own
    (docs/models/cross-attention.md).
    """
  }

  public static func == (a: CrossAttentionConfiguration, b: CrossAttentionConfiguration) -> Bool {
    a.pair.isEqual(to: b.pair) && a.fusion == b.fusion && a.hasMaskedTextHead == b.hasMaskedTextHead
      && a.regionHeads == b.regionHeads
  }
}

// MARK: Costs

extension CrossAttentionConfiguration {
  public var blocks: [BlockGroup] { pair.blocks + joins }

  private var joins: [BlockGroup] {
    let streams: [(Modality, Bool, Int)] = [
      (.text, fusion.textHasLayers, texts.contextLength), (.image, fusion.imageHasLayers, pair.imageTokens),
    ]
    return streams.filter(\.1).map { modality, _, tokens in
      BlockGroup(
        "fusion \(modality.rawValue)", modality, isJoin: true, layers: fusion.layers, heads: fusion.heads,
        width: fusion.width, intermediate: fusion.intermediate, tokens: tokens)
    }
  }

  public func operations(_ shapes: BatchShapes) -> Double {
    let towers = pair.operations(shapes)
    guard shapes.isJoining else { return towers }
    var count = OperationCount(shapes)
    let images = shapes.textLengths.map { _ in pair.imageTokens }
    count.product(images.reduce(0, +), pair.imageWidth, fusion.width)
    count.product(shapes.textLengths.reduce(0, +), pair.textWidth, fusion.width)
    let texts = (0..<shapes.joinings).flatMap { _ in shapes.textLengths }
    let pairs = (0..<shapes.joinings).flatMap { _ in images }
    for group in joins {
      let (own, other) = group.modality == .text ? (texts, pairs) : (pairs, texts)
      count.join(group, own, context: other, hasCrossAttention: fusion.hasCrossAttention)
      for _ in 0..<group.layers { count.options(fusion, own, context: other) }
    }
    count.product(pairs.count, 2 * fusion.width, fusion.width)
    return towers + count.total
  }
}

extension OperationCount {
  /// What gates and sentinels add to a layer of a stream: a perceptron; two maps of each token, and a second attention that weighs the
  /// sentinels.
  fileprivate mutating func options(_ fusion: FusionConfiguration, _ lengths: [Int], context: [Int]) {
    let (tokens, width) = (lengths.reduce(0, +), fusion.width)
    if fusion.gate == .dense { for _ in 0..<2 { product(tokens, width, fusion.intermediate) } }
    guard fusion.hasSentinel else { return }
    product(tokens, width, 2 * width)
    attention(lengths, context.map { $0 + 1 }, width: width)
  }
}

// MARK: Names in config.json

extension CrossAttentionConfiguration {
  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case architectures
    case fusion = "fusion_config"
    case textIsCausal = "text_is_causal"
    case towers
    case hasMaskedTextHead = "masked_text_head"
  }

  public init(_ file: Settings) throws(SettingsError) {
    let own = KnownKeys(
      read: [CodingKeys.fusion, .textIsCausal, .towers, .hasMaskedTextHead].map(\.rawValue) + RegionHeadSizes.keys)
    fusion = try FusionConfiguration(file.requiredGroup(CodingKeys.fusion.rawValue))
    switch try file.text(CodingKeys.towers.rawValue) {
    case nil:
      var clip = try CLIPConfiguration(file, also: own)
      clip.text.isCausal = try file.flag(CodingKeys.textIsCausal.rawValue) ?? true
      pair = clip
    case DualEncoderConfiguration.modelType: pair = try DualEncoderConfiguration(file, also: own)
    default: throw file.unsupported(CodingKeys.towers.rawValue, wanted: DualEncoderConfiguration.modelType)
    }
    hasMaskedTextHead = try file.flag(CodingKeys.hasMaskedTextHead.rawValue) ?? false
    regionHeads = try RegionHeadSizes(file)
  }

  public func encode(to encoder: any Encoder) throws {
    try pair.encode(to: encoder)
    try regionHeads.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(["CrossAttentionModel"], forKey: .architectures)
    try keys.encode(fusion, forKey: .fusion)
    if clip == nil { try keys.encode(type(of: pair).modelType, forKey: .towers) }
    if clip?.text.isCausal == false { try keys.encode(false, forKey: .textIsCausal) }
    if hasMaskedTextHead { try keys.encode(true, forKey: .hasMaskedTextHead) }
  }
}
