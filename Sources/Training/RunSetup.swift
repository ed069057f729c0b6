internal import Batching
internal import Collectives
internal import Images
internal import Layers
internal import Models
internal import Objectives
internal import Optimizers
internal import TensorEngine
internal import Tokenization

/// Everything that a run is made of, built the same way on every rank and compared where it must be equal.
struct RunSetup {
  let configuration: RunConfiguration
  let communicator: any Communicator
  let engine: Engine
  let dataSet: PreparedDataSet
  let tokenizerJSON: [UInt8]
  let tokenizer: any Tokenizer
  let preprocessing: Preprocessing
  let model: ImageTextModel
  let arena: ParameterArena
  /// Where weights and gradients lie. Of the arena's parts each rank of a node sums the gradients, keeps the moments and
  /// updates the weights of one.
  let weights: any SharedArena
  let gradients: any SharedArena
  let optimizer: AdamW
  let objective: Objective

  /// - Parameter warn: is told where the run will not compute as the configuration asks.
  init(
    _ configuration: RunConfiguration, dataPath: String, threads: Int, _ communicator: any Communicator,
    warn: (String) -> Void = { _ in }
  ) throws {
    self.configuration = configuration
    self.communicator = communicator
    try requireSame(
      fingerprint(configuration.yaml(withOrigins: false).utf8), what: "the configuration",
      advice: "start all ranks with the same files and options", communicator)
    let precision = configuration.precision.onThisProcessor(warn: warn)
    try requireSame(
      fingerprint(precision.rawValue.utf8), what: "the precision that their processors allow",
      advice: "set precision to fp32, or use nodes of one kind", communicator)
    engine = Engine(threadCount: threads, precision: precision, spins: communicator.size == 1)
    dataSet = try PreparedDataSet(path: dataPath)
    try requireSame(
      fingerprint(dataSet.fingerprint.utf8), what: "the data set \(dataPath)",
      advice: "copy one prepared set to all nodes", communicator)

    let plan = try ModelPlan(configuration, dataSet)
    (tokenizerJSON, tokenizer, preprocessing) = (plan.tokenizerJSON, plan.tokenizer, plan.preprocessing)
    let builder = ParameterBuilder()
    model = ImageTextModel(plan.description, builder)
    let count = ParameterArena.requiredCount(builder)
    weights = try communicator.makeSharedArena(count: count, "memory for weights")
    gradients = try communicator.makeSharedArena(count: count, "memory for gradients")
    arena = ParameterArena(
      builder,
      memory: ParameterMemory(
        weights: weights.local, gradients: gradients.local, owner: Arenas(weights, gradients)))
    try requireSame(
      arena.manifestHash, what: "the list of parameters", advice: "all ranks must run the same mmtrain", communicator)
    if precision == .bf16 { arena.keepRounded(engine) }
    optimizer = AdamW(
      arena,
      AdamW.Settings(
        beta1: Float(configuration.optimizer.beta1), beta2: Float(configuration.optimizer.beta2),
        epsilon: Float(configuration.optimizer.epsilon), weightDecay: Float(configuration.optimizer.weightDecay)),
      engine, part: gradients.ownPart)
    objective = Objective(
      model,
      weights: plan.objective, seed: configuration.seed, communicator)
  }

  /// First weights: read or drawn from the seed on rank 0, then the same on all ranks.
  func initializeWeights() throws {
    if communicator.rank == 0 { arena.initialize(seed: configuration.seed, threads: engine.threads) }
    if let weights = configuration.initialize.weights {
      _ = try onRoot("reading the first weights", communicator) {
        try loadWeights(from: weights, into: arena, toleratingMissing: CrossAttentionModel.ownPrefixes)
      }
    }
    try broadcastWeights()
  }

  func broadcastWeights() throws {
    try communicator.broadcast(UnsafeMutableRawBufferPointer(arena.weights), root: 0, "weights")
    arena.roundWeights(in: 0..<arena.count, engine)
  }

  /// A batch of the loader's as the objectives take it.
  func pairBatch(_ batch: Batch, step: Int) -> PairBatch {
    let side = model.description.towers.vision.imageSize
    let counts = (0..<communicator.size).map {
      share(of: batch.globalCount, rank: $0, ranks: communicator.size).count
    }
    return PairBatch(
      pixels: batch.pixels.withUnsafeBufferPointer { engine.tensor($0, shape: [batch.count, 3, side, side]) },
      text: PackedText(ids: batch.tokenIds, offsets: batch.offsets.map { Int($0) }), photos: batch.photoIdentity,
      captions: batch.captionIdentity, layout: BatchLayout(counts: counts, rank: communicator.rank), step: step)
  }
}

/// Keeps the memory of the parameters for as long as a tensor lies in it.
private final class Arenas {
  private let arenas: [any SharedArena]
  init(_ arenas: any SharedArena...) { self.arenas = arenas }
}
