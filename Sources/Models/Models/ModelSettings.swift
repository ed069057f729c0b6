internal import Layers

/// The part of a run's configuration that says what model is trained: one property for each key below `model`.
public struct ModelSettings: Sendable, Equatable {
  /// One of `ModelCatalogue.names`.
  public var name: String
  public var vision: VisionSettings
  public var audio = AudioSettings()
  public var regions: RegionSettings
  public var text: TextSettings
  /// Width of the space that images and texts share, in numbers.
  public var embeddingWidth: Int
  public var projection: ProjectionSettings
  public var fusion: FusionSettings
  public var batchNorm: BatchNorm
  /// Whether branches of convolutions are folded before the first step.
  public var reparameterize: Bool
  public var lora: LowRankSettings
  public var match = MatchSettings()

  /// Where batch norm takes its statistics from.
  public enum BatchNorm: String, CaseIterable, Sendable {
    /// Those that the weights have come with.
    case frozen
    /// The global batch's, towards which the kept ones move.
    case synchronised
  }

  public init(
    name: String, vision: VisionSettings, regions: RegionSettings, text: TextSettings, embeddingWidth: Int,
    projection: ProjectionSettings, fusion: FusionSettings, batchNorm: BatchNorm, reparameterize: Bool,
    lora: LowRankSettings
  ) {
    (self.name, self.vision, self.regions) = (name, vision, regions)
    (self.text, self.embeddingWidth) = (text, embeddingWidth)
    self.projection = projection
    (self.fusion, self.batchNorm, self.reparameterize, self.lora) = (fusion, batchNorm, reparameterize, lora)
  }
}

/// The image tower: a vision transformer.
public struct VisionSettings: Sendable, Equatable {
  /// One of `TowerCatalogue.imageSources`; nil takes the model's own kind.
  public var encoder: String?
  /// Side of the square image, in pixels.
  public var imageSize: Int
  /// Side of a square patch, in pixels.
  public var patchSize: Int
  public var width: Int
  public var layers: Int
  public var heads: Int
  /// How many of the last stages of a network of convolutions become tokens, where stages do; nil takes five.
  public var stages: Int?

  public init(imageSize: Int, patchSize: Int, width: Int, layers: Int, heads: Int) {
    (self.imageSize, self.patchSize) = (imageSize, patchSize)
    (self.width, self.layers, self.heads) = (width, layers, heads)
  }
}

/// The tower of clips, where a model has one.
public struct AudioSettings: Sendable, Equatable {
  /// One of `TowerCatalogue.audioNames`; nil leaves clips out, unless a run begins from a tower of them.
  public var encoder: String?
  /// M: bands of a frame.
  public var bands = 128
  /// The most frames of a clip.
  public var frames = 512
  /// Side of a square patch of a spectrogram, in bands and in frames.
  public var patchSize = 16
  /// Bands, and frames, from one patch to the next.
  public var stride = 10
  public var width = 192
  public var layers = 4
  public var heads = 3

  public init() {}
}

/// The regions of photos, for models that read them: what a detector, or another network, has said.
public struct RegionSettings: Sendable, Equatable {
  /// Numbers of a region; nil takes the data's.
  public var width: Int?
  /// Most regions of a photo.
  public var limit: Int

  public init(width: Int? = nil, limit: Int) { (self.width, self.limit) = (width, limit) }
}

/// The text tower: a transformer.
public struct TextSettings: Sendable, Equatable {
  /// One of `TowerCatalogue.textNames`; nil takes the model's own kind.
  public var encoder: String?
  /// Nil takes what the tower was published with.
  public var pooling: TextPooling?
  /// Most tokens of a text, start and end token included.
  public var contextLength: Int
  public var width: Int
  public var layers: Int
  public var heads: Int
  /// Rows of the token embedding; nil takes the tokenizer's size.
  public var vocabularySize: Int?
  /// Whether a token sees only those before it.
  public var isCausal: Bool
  /// The shares of states, and of the probabilities of attention, that a training step drops.
  public var dropout = 0.0
  public var attentionDropout = 0.0
  public var drops: Bool { dropout > 0 || attentionDropout > 0 }

  public init(
    contextLength: Int, width: Int, layers: Int, heads: Int, vocabularySize: Int? = nil, isCausal: Bool = true
  ) {
    (self.contextLength, self.width, self.layers, self.heads) = (contextLength, width, layers, heads)
    (self.vocabularySize, self.isCausal) = (vocabularySize, isCausal)
  }
}

/// What becomes of the towers' pooled features before they are projected into the space that both share.
public struct ProjectionSettings: Sendable, Equatable {
  /// The share of an image's features that a training step drops, and of a text's.
  public var visionDropout = 0.0
  public var textDropout = 0.0
  public var standardize = Standardized.none

  public init() {}

  /// Whose features are standardised: shifted and scaled to the mean 0 and the deviation 1 that they then have over the split
  /// that is trained on.
  public enum Standardized: String, CaseIterable, Sendable {
    case none, vision, text, both

    public func contains(_ modality: Modality) -> Bool {
      switch self {
      case .none: false
      case .vision: modality != .text
      case .text: modality == .text
      case .both: true
      }
    }
  }
}

/// The layers in which the towers' states attend to each other.
public struct FusionSettings: Sendable, Equatable {
  public var layers: Int
  public var heads: Int
  public var width: Int
  public var direction: FusionDirection
  /// What passes a gate that is closed at first, where streams attend to each other.
  public var gate = FusionGate.none
  /// Whether they may look at a sentinel instead.
  public var sentinel = false
  /// Who sees whom in these layers, for models that can have it in several ways.
  public var kind = FusionKind.early
  /// How vectors become one that were made apart; nil puts them side by side.
  public var late: VectorFusionKind?
  /// Tokens that all modalities share; nil takes four.
  public var bottlenecks: Int?
  /// The first layer that sees them, counted from 0; nil takes the one behind two thirds of them.
  public var bottleneckLayer: Int?

  public init(layers: Int, heads: Int, width: Int, direction: FusionDirection) {
    (self.layers, self.heads, self.width, self.direction) = (layers, heads, width, direction)
  }
}

/// Low-rank updates of linear layers, where little of a model is to be learnt (Hu et al., "LoRA", 2022). What the layers are
/// made with; no model knows of it.
public struct LowRankSettings: Sendable, Equatable {
  /// r; 0 updates nothing, and all is trained.
  public var rank: Int
  /// An update is multiplied by alpha / r.
  public var alpha: Double
  /// Names of linear layers, the ends of names, or globs.
  public var targets: [String]
  /// Globs over parameters that are trained whole beside the updates.
  public var train: [String]

  public init(rank: Int, alpha: Double, targets: [String], train: [String]) {
    (self.rank, self.alpha, self.targets, self.train) = (rank, alpha, targets, train)
  }
}

/// Another model that this one is to have as many parameters as, or to take as many operations as, so that the two are compared at
/// one budget. Whoever plans a run finds the size that does it; no model knows of it.
public struct MatchSettings: Sendable, Equatable {
  /// What is to be equal; nil takes sizes as they are stated.
  public var budget: Budget?
  /// The other model: its name and a preset, a configuration file, or a model's directory.
  public var other: String?
  /// The size that is looked for, a key below `model`; nil takes the width or the layers of where modalities meet.
  public var size: String?

  public enum Budget: String, CaseIterable, Sendable {
    case parameters, operations
  }

  public init() {}

  /// The sizes that may be looked for.
  public static let sizes = groups.flatMap { group in kinds.map { "\(group).\($0)" } }
  /// Groups of keys that say how large layers are, those in which modalities meet first.
  public static let groups = ["fusion", "text", "vision"]
  public static let kinds = ["width", "layers"]
}

/// What a configuration and a tokenizer ask of a model.
public struct ModelRequest {
  public let settings: ModelSettings
  /// Of the tokenizer.
  public let vocabularySize: Int
  public let tokens: (start: Int32, end: Int32)
  /// Numbers of the data's regions; nil where they have none, or there are no data.
  public let regionWidth: Int?
  /// Classes whose probabilities they have, the background first; nil where they have none.
  public let regionClasses: Int?
  /// That the run begins from; nil for a tower that is drawn.
  public let towers: FoundTowers
  /// Whether somebody stated a key, or one of a group: what is not stated comes from a recipe, and gives way to the sizes of
  /// weights that are there.
  public let isStated: (_ key: String) -> Bool

  public init(
    _ settings: ModelSettings, vocabularySize: Int, tokens: (start: Int32, end: Int32), regionWidth: Int? = nil,
    regionClasses: Int? = nil, towers: FoundTowers = FoundTowers(),
    isStated: @escaping (_ key: String) -> Bool
  ) {
    (self.settings, self.vocabularySize, self.tokens) = (settings, vocabularySize, tokens)
    (self.regionWidth, self.regionClasses, self.towers) = (regionWidth, regionClasses, towers)
    self.isStated = isStated
  }
}

/// The towers that a run begins from, as they were found.
public struct FoundTowers {
  public var picture: (any PictureTowerDescription)?
  public var audio: (any ClipTowerDescription)?
  public var text: (any TextTowerDescription)?
  /// Most tokens of a text, as whoever trained the text tower has cut them; nil where nobody says.
  public var textLimit: Int?

  public init() {}
}

extension ModelRequest {
  /// What published regions have: Visual Genome's and a background (Anderson et al., 2018).
  public static let publishedRegionClasses = 1601

  /// The regions that a model reads where it is given some: of the width that is stated, the data's, or what published features
  /// have (Anderson et al., "Bottom-Up and Top-Down Attention", 2018).
  var regionShape: RegionShape {
    RegionShape(width: settings.regions.width ?? regionWidth ?? 2048, limit: settings.regions.limit)
  }

  /// Whether towers of other kinds than a model's own are wanted.
  var asksForTowers: Bool {
    towers.picture != nil || towers.text != nil || settings.vision.encoder != nil || settings.text.encoder != nil
      || asksForClips
  }

  /// Whether clips are to be heard.
  var asksForClips: Bool { towers.audio != nil || settings.audio.encoder != nil }

  /// What a model of two towers reads beside texts: pictures, or clips where a tower of these is named.
  /// - Parameter usual: what is drawn where nobody names one.
  func imageTower(
    or usual: String = TowerCatalogue.imageNames[0]
  ) throws(ModelRequestError) -> any ImageTowerDescription {
    guard asksForClips else { return try pictureTower(or: usual) }
    if towers.picture != nil || settings.vision.encoder != nil {
      throw ModelRequestError(
        key: towers.picture != nil ? "initialize.vision" : "model.vision.encoder",
        problem: "\(settings.name) reads photos or clips beside texts, not both; leave it out, or leave out "
          + (towers.audio != nil ? "initialize.audio" : "model.audio.encoder"))
    }
    return try clipTower()
  }

  /// The tower of pictures that the run begins from, or that is drawn.
  /// - Parameter usual: what is drawn where nobody names one.
  func pictureTower(
    or usual: String = TowerCatalogue.imageNames[0]
  ) throws(ModelRequestError) -> any PictureTowerDescription {
    guard let found = towers.picture else {
      return try TowerCatalogue.picture(settings.vision.encoder ?? usual, self)
    }
    try requireSizesOfWeights("vision", found)
    return found
  }

  /// The tower of clips that the run begins from, for clips as long as is stated, or that is drawn.
  func clipTower() throws(ModelRequestError) -> any ClipTowerDescription {
    var tower: any ClipTowerDescription
    if let found = towers.audio {
      try requireSizesOfWeights("audio", found)
      tower = found
      if isStated("model.audio.frames") { tower.frames = settings.audio.frames }
    } else {
      tower = try TowerCatalogue.clip(settings.audio.encoder ?? TowerCatalogue.audioNames[0], self)
    }
    if let flaw = tower.flaw { throw ModelRequestError(key: "model.audio", problem: flaw + "; choose other sizes") }
    return tower
  }

  /// The BERT that the run begins from, or that is drawn, for a model whose texts pass one: of as many positions as texts may be long.
  func bert() throws(ModelRequestError) -> BERTConfiguration {
    let found = try foundBERT(sizes: Self.sizes)
    var made = if let found { found } else { try BERTConfiguration(BERTConfiguration.modelType, self) }
    made.dropout = dropout
    return made
  }

  /// The words of that BERT for a model that has these of one, and layers of its own.
  func bertWords() throws(ModelRequestError) -> BERTConfiguration {
    let drawn = try BERTConfiguration(BERTConfiguration.modelType, self)
    guard var made = try foundBERT(sizes: ["encoder", "width", "vocabulary_size", "causal"]) else { return drawn }
    (made.layerCount, made.heads, made.activation) = (drawn.layerCount, drawn.heads, drawn.activation)
    made.intermediate = 4 * made.width
    return made
  }

  /// Nil where the run begins from no text tower.
  /// - Parameter sizes: keys below `model.text` that say what the weights say.
  private func foundBERT(sizes: [String]) throws(ModelRequestError) -> BERTConfiguration? {
    guard let found = towers.text else { return nil }
    guard var bert = found as? BERTConfiguration else {
      throw ModelRequestError(
        key: "initialize.text",
        problem:
          "\(settings.name) reads texts as a BERT does, and this is \(type(of: found).title); name a BERT's directory")
    }
    try requireSizesOfWeights("text", found, sizes)
    bert.positions = try contextLength(of: found)
    bert.pooling = BERTConfiguration().pooling
    return bert
  }

  /// The text tower that the run begins from, or that is drawn, pooled as is asked for.
  /// - Parameter usual: what is drawn where nobody names one.
  func textTower(
    or usual: String = TowerCatalogue.textNames[0]
  ) throws(ModelRequestError) -> any TextTowerDescription {
    var tower: any TextTowerDescription
    if let found = towers.text {
      let part = TowerCatalogue.part(of: found, called: settings.text.encoder)
      try requireSizesOfWeights("text", found, part == nil ? Self.sizes : Self.sizes.filter { $0 != "encoder" })
      tower = part ?? found
    } else {
      tower = try TowerCatalogue.text(settings.text.encoder ?? usual, self)
    }
    try setDropout(of: &tower)
    guard let pooling = settings.text.pooling else { return tower }
    guard type(of: tower).poolings.contains(pooling) else {
      let known = type(of: tower).poolings.map(\.rawValue).joined(separator: ", ")
      throw ModelRequestError(
        key: "model.text.pooling", problem: "\(type(of: tower).title) is pooled by \(known); choose one of these")
    }
    tower.pooling = pooling
    return tower
  }

  /// Most tokens of a text that a tower reads: as a run states it, or as whoever trained the tower has cut texts.
  func contextLength(of tower: any TextTowerDescription) throws(ModelRequestError) -> Int {
    let positions = tower.text.contextLength
    guard isStated("model.text.context_length") else { return min(positions, towers.textLimit ?? positions) }
    guard settings.text.contextLength <= positions else {
      throw ModelRequestError(
        key: "model.text.context_length",
        problem: "\(settings.text.contextLength) tokens, and the text tower has positions for \(positions)")
    }
    return settings.text.contextLength
  }

  /// What a training step drops of a text's states, and of whatever it meets.
  var dropout: DropoutRates {
    var rates = DropoutRates()
    (rates.states, rates.probabilities) = (Float(settings.text.dropout), Float(settings.text.attentionDropout))
    return rates
  }

  func setDropout(of tower: inout any TextTowerDescription) throws(ModelRequestError) {
    guard var dropping = tower as? any DroppingTowerDescription else {
      guard settings.text.drops else { return }
      let key = settings.text.dropout > 0 ? "model.text.dropout" : "model.text.attention_dropout"
      throw ModelRequestError(key: key, problem: "\(type(of: tower).title) has no dropout; leave the key out")
    }
    dropping.dropout = dropout
    tower = dropping
  }

  private static let sizes = [
    "encoder", "image_size", "patch_size", "width", "layers", "heads", "vocabulary_size", "causal", "bands", "stride",
  ]

  /// Refuses stated sizes of a tower that is there.
  /// - Parameter sizes: keys below the side's.
  func requireSizesOfWeights(
    _ side: String, _ tower: any TowerDescription, _ sizes: [String] = sizes
  ) throws(ModelRequestError) {
    // What is left to the tower asks for nothing, though a written configuration states it.
    let left = [
      ("model.vision.encoder", settings.vision.encoder == nil),
      ("model.audio.encoder", settings.audio.encoder == nil), ("model.text.encoder", settings.text.encoder == nil),
      ("model.text.vocabulary_size", settings.text.vocabularySize == nil),
    ].filter(\.1).map(\.0)
    let stated = sizes.map { "model.\(side).\($0)" }.first { isStated($0) && !left.contains($0) }
    guard let key = stated else { return }
    throw ModelRequestError(
      key: key,
      problem: "the sizes of \(type(of: tower).title) are those of initialize.\(side); leave one of the two keys out")
  }
}

/// A key that asks for what a model is not.
public struct ModelRequestError: Error, Equatable {
  public let key: String
  /// What is wrong, and what to do.
  public let problem: String

  public init(key: String, problem: String) { (self.key, self.problem) = (key, problem) }
}
