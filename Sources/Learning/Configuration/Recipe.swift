internal import Batching
internal import Collectives
internal import Images
internal import Models
internal import Objectives
internal import Tasks

/// The built-in recipe: what runs where nobody says otherwise. It is tuned for the built-in scenes on a few cores.
func builtInRecipe(for name: String) -> RunConfiguration {
  RunConfiguration(
    task: TaskCatalogue.usualSettings,
    model: ModelSettings(
      name: name,
      vision: VisionSettings(imageSize: 48, patchSize: 8, width: 128, layers: 4, heads: 2),
      regions: RegionSettings(limit: 36),
      text: TextSettings(contextLength: 40, width: 128, layers: 2, heads: 2, vocabularySize: nil),
      embeddingWidth: 128,
      projection: ProjectionSettings(),
      fusion: FusionSettings(layers: 2, heads: 2, width: 128, direction: .textToImage),
      batchNorm: .frozen, reparameterize: false,
      lora: LowRankSettings(rank: 0, alpha: 16, targets: ["q_proj", "v_proj"], train: [])),
    preset: .tiny,
    data: DataSettings(
      path: nil, split: "train", augmentation: .none, mixUp: 0, wordDrop: 0, decoding: .scaled, shuffle: true,
      caption: .random,
      workers: nil),
    objective: ObjectiveSettings(ObjectiveCatalogue.usualWeights(for: ModelCatalogue.ownParts(of: name))),
    batch: BatchSettings(global: 128, micro: nil),
    optimizer: OptimizerSettings(
      name: .adamw, learningRate: 1e-3, weightDecay: 0.1, layerDecay: 1, beta1: 0.9, beta2: 0.98, epsilon: 1e-6,
      gradientClip: 1, average: nil),
    // 30 of the 320 steps that the built-in scenes make.
    schedule: ScheduleSettings(warmupFraction: 0.09375, epochs: 5, steps: nil, decay: .cosine),
    precision: .fp32,
    products: .auto,
    memory: MemorySettings(recompute: .none, cacheLocked: .auto),
    communication: CommunicationSettings(wire: .fp32, overlap: .auto),
    initialize: InitializeSettings(
      weights: nil, towers: TowerPaths(), strict: true, freeze: [], lock: LockSettings(vision: nil, text: nil)),
    checkpoint: CheckpointSettings(everySteps: 100, keep: 3),
    safeguards: SafeguardSettings(
      spikeFactor: 20, window: 100, maximumSkips: 10, rewinds: 3, checkEvery: 100, sameTexts: 5),
    privacy: PrivacySettings(),
    evaluation: EvaluationSettings(split: "validation", everyEpochs: 1, patience: nil, pairs: 10_000, shown: 3),
    log: LogSettings(tensorBoard: false),
    seed: 0,
    output: nil)
}

extension ModelPreset {
  /// What the preset lays over the built-in recipe.
  ///
  /// `vit-*`: the sizes of Radford et al. (2021), table 20, and the optimizer of their table 18 and of open_clip's
  /// recipe; its warm-up of 10,000 steps is for hundreds of millions of pairs, so here it is a tenth of the run. Their
  /// fusion layers follow ALBEF (Li et al., 2021): six, as wide as its text tower.
  var values: [(path: String, value: ConfigurationValue)] {
    switch self {
    case .tiny: tinyValues
    case .small: smallValues
    case .vitB32:
      published(imageSize: 224, patchSize: 32, vision: (768, 12, 12), text: (512, 12, 8), embeddingWidth: 512)
    case .vitB16:
      published(imageSize: 224, patchSize: 16, vision: (768, 12, 12), text: (512, 12, 8), embeddingWidth: 512)
    case .vitL14:
      published(imageSize: 224, patchSize: 14, vision: (1024, 24, 16), text: (768, 12, 12), embeddingWidth: 768)
    case .base: baseValues
    }
  }
}

private typealias Tower = (width: Int, layers: Int, heads: Int)

/// For the built-in scenes: minutes on two cores.
private let tinyValues =
  sizes(
    imageSize: 48, patchSize: 8, vision: (128, 4, 2), contextLength: 40, text: (128, 2, 2), embeddingWidth: 128,
    fusion: (128, 2, 2))

/// For a few ten thousand photos on a laptop: of the 1150 steps that Flickr8k makes, 50 are warm-up.
private let smallValues =
  sizes(
    imageSize: 112, patchSize: 16, vision: (256, 4, 4), contextLength: 77, text: (256, 4, 4), embeddingWidth: 256,
    fusion: (256, 2, 4))
  + [
    ("data.augmentation", .text("standard")), ("optimizer.learning_rate", 5e-4), ("optimizer.weight_decay", 0.2),
    ("schedule.warmup_fraction", 0.0435), ("schedule.epochs", 25), ("checkpoint.every_steps", 250),
  ]

/// Fusion models go on from a BERT with small steps (Lu et al., 2019, §3.2: Adam at 1e-4 with a warm-up).
private let baseValues: [(path: String, value: ConfigurationValue)] = [
  ("batch.global", 256), ("optimizer.learning_rate", 1e-4), ("optimizer.weight_decay", 0.01),
  ("schedule.warmup_fraction", 0.1), ("schedule.epochs", 10), ("checkpoint.every_steps", 1000),
]

private func published(
  imageSize: Int, patchSize: Int, vision: Tower, text: Tower, embeddingWidth: Int
) -> [(path: String, value: ConfigurationValue)] {
  sizes(
    imageSize: imageSize, patchSize: patchSize, vision: vision, contextLength: 77, text: text,
    embeddingWidth: embeddingWidth, fusion: (768, 6, 12))
    + [
      ("model.text.vocabulary_size", 49408),
      ("data.augmentation", .text("standard")), ("batch.global", 256), ("model.fusion.direction", .text("both")),
      ("optimizer.learning_rate", 5e-4), ("optimizer.weight_decay", 0.2), ("schedule.warmup_fraction", 0.1),
      ("schedule.epochs", 32), ("checkpoint.every_steps", 1000),
    ]
}

private func sizes(
  imageSize: Int, patchSize: Int, vision: Tower, contextLength: Int, text: Tower, embeddingWidth: Int, fusion: Tower
) -> [(path: String, value: ConfigurationValue)] {
  [
    ("model.vision.image_size", .integer(imageSize)), ("model.vision.patch_size", .integer(patchSize)),
    ("model.vision.width", .integer(vision.width)), ("model.vision.layers", .integer(vision.layers)),
    ("model.vision.heads", .integer(vision.heads)),
    ("model.text.context_length", .integer(contextLength)), ("model.text.width", .integer(text.width)),
    ("model.text.layers", .integer(text.layers)), ("model.text.heads", .integer(text.heads)),
    ("model.embedding_width", .integer(embeddingWidth)),
    ("model.fusion.layers", .integer(fusion.layers)), ("model.fusion.heads", .integer(fusion.heads)),
    ("model.fusion.width", .integer(fusion.width)),
  ]
}
