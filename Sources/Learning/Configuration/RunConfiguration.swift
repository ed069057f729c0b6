public import Batching
public import Collectives
public import Images
public import Models
public import Objectives
public import Tasks

/// Everything that decides a training run, as in docs/configuration.md: one property for each key of the YAML file.
///
/// Values come from the built-in recipe, the preset, the file and the command line, in this order; `origins` remembers
/// for each key which of them had the last word.
public struct RunConfiguration: Sendable {
  public var task: TaskSettings
  public var model: ModelSettings
  public var preset: ModelPreset
  public var data: DataSettings
  public var objective: ObjectiveSettings
  public var batch: BatchSettings
  public var optimizer: OptimizerSettings
  public var schedule: ScheduleSettings
  public var precision: Precision
  public var products: Products
  public var memory: MemorySettings
  public var communication: CommunicationSettings
  public var initialize: InitializeSettings
  public var checkpoint: CheckpointSettings
  public var safeguards: SafeguardSettings
  public var privacy: PrivacySettings
  public var evaluation: EvaluationSettings
  public var log: LogSettings
  /// Seeds every random number of the run.
  public var seed: UInt64
  /// The run directory; nil chooses `runs/MODEL-PRESET`.
  public var output: String?
  /// Where `initialize.weights` was found, for a name that is no path; nil takes the name as it is.
  public var foundWeights: String?
  /// Where `initialize.vision` and `initialize.text` were found, likewise.
  public var foundTowers: TowerPaths?
  /// Where each value comes from.
  public internal(set) var origins = ConfigurationOrigins()

  public enum Precision: String, CaseIterable, Sendable {
    /// The fastest that this processor computes well.
    case auto
    case fp32
    case bf16
  }

  /// Which library computes fp32 products.
  public enum Products: String, CaseIterable, Sendable {
    /// The one that the run has computed with so far; where it begins, the faster one for each kind of product.
    case auto
    case openBLAS = "openblas"
    case oneDNN = "onednn"
  }

  /// The run directory.
  public var outputDirectory: String { output ?? "runs/\(model.name)-\(preset.rawValue)" }
}

extension RunConfiguration: Equatable {
  /// Equal values; where they come from does not count.
  public static func == (a: RunConfiguration, b: RunConfiguration) -> Bool {
    ConfigurationKey.all.allSatisfy { $0.get(a) == $0.get(b) }
  }
}

/// Names of the sizes in Recipe.swift.
public enum ModelPreset: String, CaseIterable, Sendable {
  case tiny
  case small
  case vitB32 = "vit-b-32"
  case vitB16 = "vit-b-16"
  case vitL14 = "vit-l-14"
  /// The sizes that a model's authors published.
  case base
}

/// What is read, and how images and captions are drawn from it.
public struct DataSettings: Sendable {
  /// A prepared data set; nil makes the built-in scenes.
  public var path: String?
  public var split: String
  public var augmentation: AugmentationPreset
  /// The part of samples that are mixed with others.
  public var mixUp: Double
  /// The probability of each word of a text to be left out.
  public var wordDrop: Double
  /// Of augmented photos only: everything else is decoded exactly.
  public var decoding: PhotoDecoding
  public var shuffle: Bool
  public var caption: ValueChoice
  /// Threads that decode images; nil chooses by the cores that are left.
  public var workers: Int?
}

/// How many image–text pairs are taken together.
public struct BatchSettings: Sendable {
  /// Pairs in a step, over all ranks: this is what is optimised.
  public var global: Int
  /// Pairs that a rank computes at once; nil takes its whole share.
  public var micro: Int?
}

public struct OptimizerSettings: Sendable {
  public var name: Name
  public var learningRate: Double
  public var weightDecay: Double
  /// What the learning rate is multiplied by from a layer to the one before it.
  public var layerDecay: Double
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  /// Largest norm of the whole gradient; 0 never clips.
  public var gradientClip: Double
  /// What the moving average of the weights keeps of itself at each update; nil or 0 keeps none.
  public var average: Double?

  public enum Name: String, CaseIterable, Sendable {
    case adamw
  }
}

/// How long, and how the learning rate moves meanwhile. Exactly one of `epochs` and `steps` is given, and one of
/// `warmupSteps` and `warmupFraction`.
public struct ScheduleSettings: Sendable {
  /// Steps in which the learning rate rises from 0.
  public var warmupSteps: Int?
  /// The same as a part of all steps.
  public var warmupFraction: Double?
  public var epochs: Int?
  public var steps: Int?
  public var decay: Decay

  public enum Decay: String, CaseIterable, Sendable {
    /// To 0 at the last step.
    case cosine
    case constant
  }
}

/// What a step keeps and what it computes twice.
public struct MemorySettings: Sendable {
  public var recompute: Recompute
  public var cacheLocked: CacheLocked

  /// Whether what a locked tower makes of a split is computed once, kept in the run directory and read instead.
  public enum CacheLocked: String, CaseIterable, Sendable {
    /// Where the run reads more than there is, and half of the free disk has room for it.
    case auto
    case on
    case off
  }

  public enum Recompute: String, CaseIterable, Sendable {
    case none
    /// A transformer block keeps its input and runs again in the backward pass (Chen et al., 2016).
    case blocks
  }
}

/// How gradients are summed over nodes.
public struct CommunicationSettings: Sendable {
  public var wire: WireFormat
  public var overlap: Overlap

  /// Whether gradients are summed while the backward pass goes on.
  public enum Overlap: String, CaseIterable, Sendable {
    /// With several nodes, where the first steps find it faster; on one, no core is left for it.
    case auto
    case on, off
  }
}

extension RunConfiguration {
  /// The same with all that it begins from looked up.
  /// - Parameter find: the path of what a key names.
  public func finding(_ find: (_ name: String) throws -> String) rethrows -> RunConfiguration {
    var found = self
    found.foundWeights = try initialize.weights.map(find)
    found.foundTowers = TowerPaths(
      vision: try initialize.towers.vision.map(find), audio: try initialize.towers.audio.map(find),
      text: try initialize.towers.text.map(find))
    return found
  }
}

/// What the weights are before the first step.
public struct InitializeSettings: Sendable {
  /// A checkpoint directory or a safetensors file; nil draws random weights.
  public var weights: String?
  /// Of towers that others have trained, where the model is put together from such.
  public var towers: TowerPaths
  /// Whether the weights must be the model's, no more and no fewer; otherwise what fits is loaded.
  public var strict: Bool
  /// Globs over parameter names; those parameters are not trained.
  public var freeze: [String]
  public var lock: LockSettings
}

/// Directories or files of towers; nil draws random weights.
public struct TowerPaths: Sendable, Equatable {
  public var vision: String?
  public var audio: String?
  public var text: String?

  public init(vision: String? = nil, audio: String? = nil, text: String? = nil) {
    (self.vision, self.audio, self.text) = (vision, audio, text)
  }
}

/// Towers that keep their weights, but for the last of their groups; nil locks nothing.
public struct LockSettings: Sendable {
  /// Groups that stay open: the projection is the last, before it come the blocks, the last of them with the norm behind
  /// it, and the embeddings.
  public var vision: Int?
  public var audio: Int?
  public var text: Int?

  public subscript(modality: Modality) -> Int? {
    switch modality {
    case .image: vision
    case .text: text
    case .audio: audio
    }
  }
}

public struct CheckpointSettings: Sendable {
  public var everySteps: Int
  /// How many checkpoints stay, beside the best one.
  public var keep: Int
}

/// What watches over the run.
public struct SafeguardSettings: Sendable {
  /// A step whose loss is more than this times the window's median, or its gradient norm more than this times the window's
  /// largest, is not used; 0 uses all.
  public var spikeFactor: Double
  /// Steps that are looked back at, and in which skipped steps are counted.
  public var window: Int
  /// Skipped steps in a window that are put up with.
  public var maximumSkips: Int
  /// How often a run may put the weights back to a checkpoint, where spikes do not end.
  public var rewinds: Int
  /// Steps from one comparison of the ranks (weights, times) to the next; 0 never compares.
  public var checkEvery: Int
  /// Evaluations in a row with texts that are all the same, or repeat themselves, which end a run; 0 ends none.
  public var sameTexts: Int
}

public struct LogSettings: Sendable {
  /// Writes event files for TensorBoard beside `metrics.jsonl`.
  public var tensorBoard: Bool
}

public struct EvaluationSettings: Sendable {
  public var split: String
  /// 0 evaluates only at the end.
  public var everyEpochs: Int
  /// Evaluations in a row that may be no better than the best before them; the next one ends the run. Nil trains to the end.
  public var patience: Int?
  /// Most pairs that a matching head scores for retrieval, where the model has no features.
  public var pairs: Int
  /// Samples whose texts are shown, as the model writes them; 0 has none written.
  public var shown: Int
}
