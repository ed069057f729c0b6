public import Audio
public import Images
public import Layers
public import Settings

/// The sizes of a dual encoder: any image tower and any text tower, each projected into a space that they share. Its
/// `config.json` is that of transformers' `VisionTextDualEncoderModel` where that computes the same, and says so; otherwise
/// it has its own type, and what differs.
public struct DualEncoderConfiguration: FeatureDescription, ExportableDescription {
  public static let modelType = "dual-encoder"
  public static let foreignTypes = ["vision-text-dual-encoder"]
  public static let title = "a dual encoder of any two towers"
  public static let unusedKeys = ["model.fusion", "model.regions"]
  public static let ownKeys = audioKeys + ["pooling", "limit", "layers"].map { "model.frames." + $0 }

  public var vision: any ImageTowerDescription
  /// How frames become one where the image tower sees those of videos; nil where it sees photos, or clips.
  public var frames: FrameConfiguration?
  public var words: any TextTowerDescription
  /// Most tokens of a text, start and end token included; the text tower may have positions for more.
  public var contextLength: Int
  /// D
  public var embeddingWidth: Int
  /// The logarithm of the inverse temperature at the start: ln(1 / 0.07).
  public var initialLogitScale: Float = 2.6592
  public var initialLogitBias: Float?
  /// What becomes of pooled features before they are projected. Files say whether they are standardised; dropout is a run's.
  public var projection = ProjectionSettings()

  public init(_ vision: any ImageTowerDescription, _ words: any TextTowerDescription, embeddingWidth: Int) {
    (self.vision, self.words, self.embeddingWidth) = (vision, words, embeddingWidth)
    contextLength = words.text.contextLength
  }

  /// Towers that a run begins from come with their sizes; the others are drawn.
  public init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    let width = request.settings.embeddingWidth
    if let found {
      guard var own = found as? DualEncoderConfiguration else { throw .sizesOfWeights(found, request) }
      if request.isStated("model.embedding_width") { own.embeddingWidth = width }
      try own.takeProjection(request)
      if request.isStated("model.frames.pooling") { own.frames = request.settings.frames.configuration }
      try request.setDropout(of: &own.words)
      if request.isStated("model.text.context_length") { own.contextLength = try request.contextLength(of: own.words) }
      self = own
    } else {
      self.init(try request.imageTower(), try request.textTower(), embeddingWidth: width)
      contextLength = try request.contextLength(of: words)
      projection = request.settings.projection
      frames = request.settings.frames.configuration
    }
    guard frames == nil || vision is any PictureTowerDescription else {
      throw ModelRequestError(
        key: "model.frames.pooling", problem: "its tower hears clips, which have no frames to look at; leave it out")
    }
  }

  /// Weights that come with statistics of their features keep them.
  private mutating func takeProjection(_ request: ModelRequest) throws(ModelRequestError) {
    let (key, found) = ("model.projection.standardize", projection.standardize)
    projection = request.settings.projection
    guard !request.isStated(key) || projection.standardize == found else {
      throw ModelRequestError(
        key: key, problem: "it is \(found.rawValue) with the weights that are there; leave the key out")
    }
    projection.standardize = found
  }

  /// Weights of towers are told from one another by their own kinds.
  public static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? { nil }

  public var inputs: InputShapes {
    var text = words.text
    text.contextLength = contextLength
    return InputShapes(images: imageShape, text: text)
  }

  private var imageShape: ImageShape {
    guard let frames, let side = vision.images.side else { return vision.images }
    return .frames(FrameShape(side: side, limit: frames.limit))
  }

  /// The most pictures that its image tower sees of a sample.
  private var pictures: Int { frames?.limit ?? 1 }

  public var idleKeys: [String] {
    switch frames?.pooling {
    case nil: ["model.frames.limit", "model.frames.layers"]
    case .mean: ["model.frames.layers"]
    case .positions: []
    }
  }

  public var usualPreprocessing: Preprocessing {
    (vision as? any PictureTowerDescription)?.usualPreprocessing ?? .clip()
  }
  public var usualClips: AudioPreprocessing? { (vision as? any ClipTowerDescription)?.usualClips }

  public var flaw: String? {
    vision.flaw.map { "the \(vision.images.modality.rawValue) tower: " + $0 } ?? words.flaw.map {
      "the text tower: " + $0
    }
      ?? frames?.flaw ?? outside(contextLength, 2...words.text.contextLength, "a context length")
      ?? outside(embeddingWidth, 1...65_536, "a common width")
      ?? (initialLogitScale.isFinite ? nil : "the logit scale is not finite")
  }

  public var standardized: ProjectionSettings.Standardized { projection.standardize }

  public var towers: [Modality: TowerLayers] {
    [
      vision.images.modality: vision.layers.within(
        vision.places.tower + ".", projection: vision.places.projection + "."
      ).followed(by: frames?.pooling == .positions ? [FrameConfiguration.prefix + "."] : []),
      .text: words.layers.within("text_model.", projection: "text_projection."),
    ]
  }

  /// Those over frames are left out: a frame is one token to them.
  public var blocks: [BlockGroup] {
    vision.blocks.map { $0.ofImages(pictures) } + words.blocks.map { $0.cut(to: contextLength) }
  }
  public var hasBatchNorm: Bool { vision.hasBatchNorm }

  public func operations(_ shapes: BatchShapes) -> Double {
    let images = shapes.textLengths.count
    let seen = vision.operations([Int](repeating: 1, count: images * pictures), shapes)
    let read = words.operations(shapes.textLengths, shapes)
    var count = OperationCount(shapes)
    if let frames, frames.layers > 0 {
      let sizes = frames.transformer(width: vision.width)
      let blocks = BlockGroup(
        "frames", .image, layers: sizes.layers, heads: sizes.heads, width: sizes.width,
        intermediate: sizes.intermediate,
        tokens: frames.limit)
      count.tower(blocks, [Int](repeating: frames.limit, count: images), poolsAll: true)
    }
    count.product(images, vision.width + words.width, embeddingWidth)
    for _ in 0..<2 { count.product(images, embeddingWidth, shapes.globalBatch) }
    return seen + read + count.total
  }

  public func with(_ part: ModelPart) -> DualEncoderConfiguration? {
    switch part {
    case .features: self
    case .logitBias: withLogitBias
    case .matchingHead, .maskedTextHead, .regionFeatures, .regionClasses, .regionPixels, .comparableStates,
      .textDecoder, .answerDecoder, .pairwiseFeatures:
      nil
    }
  }

  public func make(_ builder: ParameterBuilder) -> any Model { DualEncoder(self, builder) }

  public var huggingFaceForm: (any ModelDescription)? { huggingFaceObstacle == nil ? self : nil }
  public var openCLIPForm: (any OpenCLIPDescription)? { nil }
  public var huggingFaceClasses: (model: String, processor: String) {
    ("VisionTextDualEncoderModel", "VisionTextDualEncoderProcessor")
  }

  public var huggingFaceObstacle: String? {
    frames.map { _ in "it looks at several frames of a video, and \(huggingFaceClasses.model) at one photo" }
      ?? vision.dualEncoderObstacle ?? words.dualEncoderObstacle
      ?? (initialLogitBias == nil
        ? nil : "it adds a bias to its logits, which \(huggingFaceClasses.model) does not have")
  }

  public var usage: String {
    """
    Its towers have the keys of their own libraries below `\(vision.places.tower)` and `text_model` (docs/models/dual-encoder.md).
    \(huggingFaceObstacle.map { "For `transformers` it has no form: \($0)." }
      ?? "`transformers` loads it as a `\(huggingFaceClasses.model)`.")
    """
  }

  public static func == (a: DualEncoderConfiguration, b: DualEncoderConfiguration) -> Bool {
    a.vision.isEqual(to: b.vision) && a.frames == b.frames && a.words.isEqual(to: b.words)
      && a.contextLength == b.contextLength && a.embeddingWidth == b.embeddingWidth
      && a.initialLogitScale == b.initialLogitScale && a.initialLogitBias == b.initialLogitBias
      && a.projection == b.projection
  }
}

// MARK: Names in config.json

extension DualEncoderConfiguration {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case modelType = "model_type"
    case architectures
    case vision = "vision_config"
    case audio = "audio_config"
    case frames = "frame_config"
    case text = "text_config"
    case pooling = "text_pooling"
    case contextLength = "text_context_length"
    case embeddingWidth = "projection_dim"
    case initialLogitScale = "logit_scale_init_value"
    case initialLogitBias = "logit_bias_init_value"
    case standardized = "standardized_features"
  }

  public init(_ file: Settings) throws(SettingsError) { try self.init(file, also: KnownKeys(read: [])) }

  /// - Parameter known: further keys of the file's own object.
  init(_ file: Settings, also known: KnownKeys) throws(SettingsError) {
    try file.require(KnownKeys(read: CodingKeys.allCases.map(\.rawValue), harmless: generalKeys).and(known))
    vision = try Self.imageTower(of: file)
    frames = try FrameConfiguration(file)
    words = try Self.textTower(of: file)
    contextLength = try file.whole(CodingKeys.contextLength.rawValue) ?? words.text.contextLength
    embeddingWidth = try file.whole(CodingKeys.embeddingWidth.rawValue) ?? 512
    if let scale = try file.number(CodingKeys.initialLogitScale.rawValue) { initialLogitScale = Float(scale) }
    initialLogitBias = try file.number(CodingKeys.initialLogitBias.rawValue).map(Float.init)
    try readStandardized(file)
  }

  private mutating func readStandardized(_ file: Settings) throws(SettingsError) {
    let key = CodingKeys.standardized.rawValue
    guard let name = try file.text(key) else { return }
    guard let standardized = ProjectionSettings.Standardized(rawValue: name) else {
      let known = ProjectionSettings.Standardized.allCases.map(\.rawValue)
      throw file.unsupported(key, wanted: known.joined(separator: ", "))
    }
    projection.standardize = standardized
  }

  /// Whether a `config.json` is of such a pair.
  static func isPair(_ file: Settings) throws(SettingsError) -> Bool {
    try file.text(CodingKeys.modelType.rawValue).map { ([modelType] + foreignTypes).contains($0) } ?? false
  }

  static func imageTower(of file: Settings) throws(SettingsError) -> any ImageTowerDescription {
    let key = file.has(CodingKeys.audio.rawValue) ? CodingKeys.audio : .vision
    return try TowerCatalogue.image(file.requiredGroup(key.rawValue))
  }

  /// Pooled as the file says.
  static func textTower(of file: Settings) throws(SettingsError) -> any TextTowerDescription {
    var tower = try TowerCatalogue.text(file.requiredGroup(CodingKeys.text.rawValue))
    guard let name = try file.text(CodingKeys.pooling.rawValue) else { return tower }
    let poolings = type(of: tower).poolings
    guard let pooling = TextPooling(rawValue: name), poolings.contains(pooling) else {
      throw file.unsupported(CodingKeys.pooling.rawValue, wanted: poolings.map(\.rawValue).joined(separator: ", "))
    }
    tower.pooling = pooling
    return tower
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    let isOwn = huggingFaceObstacle != nil
    try keys.encode(isOwn ? Self.modelType : Self.foreignTypes[0], forKey: .modelType)
    try keys.encode([isOwn ? "DualEncoder" : huggingFaceClasses.model], forKey: .architectures)
    try vision.encode(to: keys.superEncoder(forKey: vision.images.modality == .audio ? .audio : .vision))
    try keys.encodeIfPresent(frames, forKey: .frames)
    try words.encode(to: keys.superEncoder(forKey: .text))
    if words.pooling != type(of: words).poolings.first { try keys.encode(words.pooling, forKey: .pooling) }
    if contextLength != words.text.contextLength { try keys.encode(contextLength, forKey: .contextLength) }
    try keys.encode(embeddingWidth, forKey: .embeddingWidth)
    try keys.encode(initialLogitScale, forKey: .initialLogitScale)
    try keys.encodeIfPresent(initialLogitBias, forKey: .initialLogitBias)
    if standardized != .none { try keys.encode(standardized.rawValue, forKey: .standardized) }
  }
}
