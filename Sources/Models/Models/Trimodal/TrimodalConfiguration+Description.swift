public import Audio
public import Images
public import Layers

extension TrimodalConfiguration: SharedSpaceDescription {
  public static let modelType = "trimodal"
  public static let title = "its own model of images, texts and clips"
  public static let ownParts = [ModelPart.pairwiseFeatures]
  public static let unusedKeys = ["model.regions", "model.projection", "model.fusion.direction"]
  public static let ownKeys = ["model.fusion.late"] + audioKeys

  /// Towers that a run begins from come with their sizes; the others are drawn.
  public init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    guard let found else {
      let words = try request.textTower()
      var fusion = try FusionConfiguration(request)
      fusion.direction = .both
      self.init(
        try request.pictureTower(), words, try request.clipTower(),
        contextLength: try request.contextLength(of: words), embeddingWidth: request.settings.embeddingWidth, fusion,
        request.settings.fusion.late ?? .concatenation)
      return
    }
    guard var own = found as? TrimodalConfiguration, !Self.sizeKeys.contains(where: request.isStated) else {
      throw .sizesOfWeights(found, request)
    }
    try request.setDropout(of: &own.words)
    self = own
  }

  private static let sizeKeys = [
    "model.preset", "model.vision", "model.audio", "model.text.encoder", "model.text.pooling",
    "model.text.context_length", "model.text.width", "model.text.layers", "model.text.heads",
    "model.text.vocabulary_size", "model.embedding_width", "model.fusion",
  ]

  public static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? {
    let mark = "fusion.\(ModalityPair.all[0].name)."
    return tensors.contains { $0.name.hasPrefix(mark) } ? modelType : nil
  }

  public var inputs: InputShapes {
    var text = words.text
    text.contextLength = contextLength
    let bands = clips.usualClips
    return InputShapes(
      images: vision.images, text: text, clips: ClipShape(bands: bands.bands, frames: bands.maximumFrames))
  }

  public var usualPreprocessing: Preprocessing { vision.usualPreprocessing }
  public var usualClips: AudioPreprocessing? { clips.usualClips }
  public var hasBatchNorm: Bool { vision.hasBatchNorm || clips.hasBatchNorm }
  public var ownPrefixes: [String] { ["fusion."] }

  public var flaw: String? {
    vision.flaw.map { "the image tower: " + $0 } ?? words.flaw.map { "the text tower: " + $0 }
      ?? clips.flaw.map { "the tower of clips: " + $0 } ?? fusion.flaw
      ?? outside(contextLength, 2...words.text.contextLength, "a context length")
      ?? outside(embeddingWidth, 1...65_536, "a common width")
      ?? (fusion.direction == .both ? nil : "in layers of three modalities both of a pair attend to each other")
      ?? (initialLogitScale.isFinite ? nil : "the logit scale is not finite")
  }

  public var towers: [Modality: TowerLayers] {
    [
      .image: vision.layers.within("vision_model.", projection: "visual_projection."),
      .text: words.layers.within("text_model.", projection: "text_projection."),
      .audio: clips.layers.within("audio_model.", projection: "audio_projection."),
    ]
  }

  public func place(of modality: Modality) -> TowerPlace {
    modality == .text && words is any PartialTowerDescription ? .ofWords("text_model.embeddings.") : .whole(modality)
  }

  public func with(_ part: ModelPart) -> TrimodalConfiguration? { part == .pairwiseFeatures ? self : nil }

  public func advice(on part: ModelPart) -> String? {
    part == .features ? "its features are compared two by two: weigh the objective that does (docs/objectives.md)" : nil
  }

  public func make(_ builder: ParameterBuilder) -> any Model { TrimodalModel(self, builder) }

  public var usage: String {
    """
    Its encoders have the keys of their own libraries below `vision_model`, `text_model` and `audio_model`; the layers in which they
    meet are mmtrain's own (docs/models/trimodal.md), and `mmtrain` reads it.
    """
  }
}

// MARK: Costs

extension TrimodalConfiguration {
  private func tokens(of modality: Modality) -> Int {
    switch modality {
    case .image: vision.tokens
    case .text: contextLength
    case .audio: clips.tokens
    }
  }

  private func width(of modality: Modality) -> Int {
    switch modality {
    case .image: vision.width
    case .text: words.width
    case .audio: clips.width
    }
  }

  private func group(_ modality: Modality, in pair: ModalityPair) -> BlockGroup {
    BlockGroup(
      "fusion \(pair.words), \(modality.rawValue)", modality, isJoin: true, layers: fusion.layers, heads: fusion.heads,
      width: fusion.width, intermediate: fusion.intermediate, tokens: tokens(of: modality))
  }

  public var blocks: [BlockGroup] {
    vision.blocks + words.blocks.map { $0.cut(to: contextLength) } + clips.blocks
      + ModalityPair.all.flatMap { [group($0.first, in: $0), group($0.second, in: $0)] }
  }

  public func operations(_ shapes: BatchShapes) -> Double {
    let samples = shapes.textLengths.count
    let ones = [Int](repeating: 1, count: samples)
    let towers =
      vision.operations(ones, shapes) + words.operations(shapes.textLengths, shapes) + clips.operations(ones, shapes)
    var count = OperationCount(shapes)
    count.product(samples, Modality.allCases.reduce(0) { $0 + width(of: $1) }, embeddingWidth)
    guard shapes.isJoining else { return towers + count.total }
    let lengths = { (modality: Modality) in
      modality == .text ? shapes.textLengths : ones.map { _ in tokens(of: modality) }
    }
    for pair in ModalityPair.all {
      for (own, other) in [(pair.first, pair.second), (pair.second, pair.first)] {
        count.product(lengths(own).reduce(0, +), width(of: own), fusion.width)
        count.join(group(own, in: pair), lengths(own), context: lengths(other), hasCrossAttention: true)
      }
    }
    count.vectors(combination, of: ModalityPair.all.count, pairs: samples, width: 2 * fusion.width)
    return towers + count.total
  }
}
