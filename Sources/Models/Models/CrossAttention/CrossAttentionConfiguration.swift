public import Layers
public import Settings

/// The sizes of a cross-attention model: CLIP's towers and the layers that join them. Its `config.json` is CLIP's with
/// `fusion_config` beside the towers, `text_is_causal` where the text tower looks both ways, and `masked_text_head` where it
/// has one.
public struct CrossAttentionConfiguration: CLIPTowers, FeatureDescription, ExportableDescription {
  public static let modelType = "cross-attention"
  public static let title = "its own cross-attention"
  public static let unusedKeys = towerKeys

  public var clip: CLIPConfiguration
  public var fusion: FusionConfiguration
  public var hasMaskedTextHead = false

  public init(_ clip: CLIPConfiguration, _ fusion: FusionConfiguration) { (self.clip, self.fusion) = (clip, fusion) }

  public init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    clip = try CLIPConfiguration(towersOf: request, from: found)
    if request.isStated("model.text.causal") { clip.text.isCausal = request.settings.text.isCausal }
    let other = found as? CrossAttentionConfiguration
    hasMaskedTextHead = other?.hasMaskedTextHead ?? false
    fusion =
      request.isStated("model.fusion") ? FusionConfiguration(request) : other?.fusion ?? FusionConfiguration(request)
  }

  public static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? {
    let marks = ["fusion.", "matching_head."]
    guard tensors.contains(where: { tensor in marks.contains { tensor.name.contains($0) } }) else { return nil }
    return modelType + (CLIPConfiguration.sizes(tensors).map { " (\($0))" } ?? "")
  }

  public var inputs: InputShapes { clip.inputs }
  public var flaw: String? { clip.flaw ?? fusion.flaw }
  public var towers: [Modality: TowerLayers] { clip.towers }
  public var ownPrefixes: [String] { ["fusion.", "matching_head.", "masked_text_head."] }
  public var embeddingWidth: Int { clip.embeddingWidth }

  public var initialLogitScale: Float {
    get { clip.initialLogitScale }
    set { clip.initialLogitScale = newValue }
  }
  public var initialLogitBias: Float? {
    get { clip.initialLogitBias }
    set { clip.initialLogitBias = newValue }
  }

  public func with(_ part: ModelPart) -> CrossAttentionConfiguration? {
    switch part {
    case .features, .matchingHead: self
    case .logitBias: withLogitBias
    case .maskedTextHead: withMaskedTextHead
    }
  }

  /// Nil under a causal mask, where a masked word would be told by the words before it alone, and where the text does not look
  /// at the image.
  private var withMaskedTextHead: CrossAttentionConfiguration? {
    guard !clip.text.isCausal, fusion.textHasLayers, fusion.hasCrossAttention else { return nil }
    var made = self
    made.hasMaskedTextHead = true
    return made
  }

  public func advice(on part: ModelPart) -> String? {
    guard part == .maskedTextHead else { return nil }
    return clip.text.isCausal
      ? "set model.text.causal to false, so that a masked word is told from those after it too"
      : "set model.fusion.direction to both or text_to_image, so that a masked word is told from the image too"
  }

  public func make(_ builder: ParameterBuilder) -> any Model { CrossAttentionModel(self, builder) }

  public var huggingFaceForm: (any ModelDescription)? { clip }
  public var openCLIPForm: (any OpenCLIPDescription)? { clip }

  public var usage: String {
    """
    Its towers have the keys of Hugging Face's `CLIPModel`; the fusion layers and the matching head are mmtrain's own
    (docs/models/cross-attention.md).
    """
  }
}

// MARK: Costs

extension CrossAttentionConfiguration {
  public var blocks: [BlockGroup] { clip.blocks + joins }

  private var joins: [BlockGroup] {
    let streams: [(Modality, Bool, Int)] = [
      (.text, fusion.textHasLayers, clip.text.contextLength), (.image, fusion.imageHasLayers, clip.imageTokens),
    ]
    return streams.filter(\.1).map { modality, _, tokens in
      BlockGroup(
        "fusion \(modality.rawValue)", modality, isJoin: true, layers: fusion.layers, heads: fusion.heads,
        width: fusion.width, intermediate: fusion.intermediate, tokens: tokens)
    }
  }

  public func operations(_ shapes: BatchShapes) -> Double? {
    var count = OperationCount(shapes)
    clip.add(to: &count, shapes)
    guard shapes.isJoining else { return count.total }
    let images = shapes.textLengths.map { _ in clip.imageTokens }
    count.product(images.reduce(0, +), clip.vision.width, fusion.width)
    count.product(shapes.textLengths.reduce(0, +), clip.text.width, fusion.width)
    // Positives, each image with a wrong caption, each caption with a wrong image: taken as three times the batch.
    let texts = shapes.textLengths + shapes.textLengths + shapes.textLengths
    let pairs = images + images + images
    for group in joins {
      let (own, other) = group.modality == .text ? (texts, pairs) : (pairs, texts)
      count.join(group, own, context: other, hasCrossAttention: fusion.hasCrossAttention)
    }
    count.product(pairs.count, 2 * fusion.width, fusion.width)
    return count.total
  }
}

// MARK: Names in config.json

extension CrossAttentionConfiguration {
  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case architectures
    case fusion = "fusion_config"
    case textIsCausal = "text_is_causal"
    case hasMaskedTextHead = "masked_text_head"
  }

  public init(_ file: Settings) throws(SettingsError) {
    let own = [CodingKeys.fusion, .textIsCausal, .hasMaskedTextHead].map(\.rawValue)
    fusion = try FusionConfiguration(file.requiredGroup(CodingKeys.fusion.rawValue))
    clip = try CLIPConfiguration(file, also: KnownKeys(read: own))
    clip.text.isCausal = try file.flag(CodingKeys.textIsCausal.rawValue) ?? true
    hasMaskedTextHead = try file.flag(CodingKeys.hasMaskedTextHead.rawValue) ?? false
  }

  public func encode(to encoder: any Encoder) throws {
    try clip.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(["CrossAttentionModel"], forKey: .architectures)
    try keys.encode(fusion, forKey: .fusion)
    if !clip.text.isCausal { try keys.encode(false, forKey: .textIsCausal) }
    if hasMaskedTextHead { try keys.encode(true, forKey: .hasMaskedTextHead) }
  }
}
