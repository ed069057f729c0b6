internal import Layers

/// The part of a run's configuration that says what model is trained: one property for each key below `model`.
public struct ModelSettings: Sendable, Equatable {
  /// One of `ModelCatalogue.names`.
  public var name: String
  public var vision: VisionSettings
  public var audio = AudioSettings()
  public var regions: RegionSettings
  public var frames = FrameSettings()
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

/// The frames of videos, for models that look at several.
public struct FrameSettings: Sendable, Equatable {
  /// Nil where photos are looked at.
  public var pooling: FramePooling?
  /// Most frames of a video.
  public var limit = 8
  /// Blocks in which frames see each other, where they have positions.
  public var layers = 1

  public init() {}

  var configuration: FrameConfiguration? {
    pooling.map { FrameConfiguration(pooling: $0, limit: limit, layers: layers) }
  }
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
  public static let groups = ["fusion", "text", "vision", "audio"]
  public static let kinds = ["width", "layers"]
}
