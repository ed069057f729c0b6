public import Audio
public import Images
public import Layers

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
    try requireUse(of: request, isBegun: found != nil)
  }

  /// Sizes of what frames become that play no part here.
  private func requireUse(of request: ModelRequest, isBegun: Bool) throws(ModelRequestError) {
    if let key = idleKeys.first(where: request.isStated) {
      throw ModelRequestError(
        key: key,
        problem: "it plays no part where model.frames.pooling is \(frames?.pooling.rawValue ?? "none"); leave it out")
    }
    let sizes = ["model.frames.limit", "model.frames.layers"]
    if isBegun, !request.isStated("model.frames.pooling"), let key = sizes.first(where: request.isStated) {
      throw ModelRequestError(
        key: key,
        problem: "the weights say how they look at frames; state model.frames.pooling beside it, or leave it out")
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
