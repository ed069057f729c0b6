internal import Batching
internal import Checkpoints
internal import Collectives
internal import Configuration
internal import Files
internal import Layers
internal import Models
internal import Objectives
internal import Optimizers
internal import Pretrained
internal import Tasks
internal import TensorEngine
internal import Tokenization

/// A model and all that updates it: what a training step and a checkpoint work on. It knows no data set.
struct ModelSetup {
  let configuration: RunConfiguration
  let communicator: any Communicator
  let engine: Engine
  let model: any Model
  /// What the task puts on it.
  let head: (any TaskHead)?
  let task: any Task
  let arena: ParameterArena
  /// Where what is learnt and its gradients lie. Of the arena's parts each rank of a node sums the gradients, keeps the moments and
  /// updates the weights of one.
  let weights: any SharedArena
  let gradients: any SharedArena
  /// Whether the gradients are summed while the backward pass goes on.
  let overlap: SumOverlap
  let optimizer: AdamW
  /// Of the same part of the weights as the optimizer's moments; nil where none is asked for.
  let average: WeightAverage?
  /// Of the batches of all ranks together; of a private run's units, each of which is a batch of its own.
  let objective: ObjectiveMix
  /// What is done with the gradients of modalities' towers; nil where nobody asks.
  let balance: TowerBalance?
  /// How checkpoints hold what is learnt where layers have low-rank updates; nil where they hold the whole model.
  let adapter: AdapterFiles?

  /// Collective.
  /// - Parameters:
  ///   - rehearses: whether the engine makes tensors and computes nothing.
  ///   - warn: is told where the model will not compute as the configuration asks.
  init(
    _ configuration: RunConfiguration, _ description: any ModelDescription, objective settings: ObjectiveSettings,
    task: any Task = TaskCatalogue.usual, groups: LossGroups? = nil, vocabulary: MaskingVocabulary? = nil,
    rewards: PhotoRewards? = nil, threads: Int, _ communicator: any Communicator, rehearses: Bool = false,
    warn: (String) -> Void = { _ in }
  ) throws {
    (self.configuration, self.communicator, self.task) = (configuration, communicator, task)
    let precision = configuration.precision.onThisProcessor(warn: warn)
    try requireSame(
      fingerprint(precision.rawValue.utf8), what: "the precision that their processors allow",
      advice: "set precision to fp32, or use nodes of one kind", communicator)
    engine = Engine(threadCount: threads, precision: precision, spins: communicator.size == 1, isRehearsing: rehearses)
    let builder: ParameterBuilder
    (model, builder) = try configuration.make(description)
    head = try task.makeHead(on: model, builder[taskHeadPrefix])
    let frozen = try FrozenParameters(configuration, description, builder.parameters)
    let count = ParameterArena.requiredCounts(builder, isFrozen: frozen.contains).learnt
    weights = try communicator.makeSharedArena(count: count, "memory for weights")
    gradients = try communicator.makeSharedArena(
      count: count, wire: configuration.communication.wire, "memory for gradients")
    overlap = try SumOverlap(configuration.communication.overlap, of: gradients, communicator, warn: warn)
    adapter = configuration.adapterFiles
    arena = ParameterArena(
      builder,
      memory: ParameterMemory(
        weights: weights.local, gradients: gradients.local, owner: Arenas(weights, gradients)),
      isFrozen: frozen.contains)
    try requireSame(
      arena.manifestHash, what: "the list of parameters", advice: "all ranks must run the same mmtrain", communicator)
    if precision == .bf16 { arena.keepRounded(engine) }
    let modalities = Self.modalityBalance(configuration, task, head)
    let balance = try Self.towerBalance(
      modalities, head, model, arena, part: gradients.ownPart, engine, communicator, seed: configuration.seed)
    self.balance = balance
    let layerDecay = LayerDecay(configuration.optimizer.layerDecay, description)
    optimizer = AdamW(
      arena,
      AdamW.Settings(
        beta1: Float(configuration.optimizer.beta1), beta2: Float(configuration.optimizer.beta2),
        epsilon: Float(configuration.optimizer.epsilon), weightDecay: Float(configuration.optimizer.weightDecay)),
      engine, part: gradients.ownPart,
      rateFactor: { layerDecay.factor(of: $0) * (balance?.rateFactor(of: $0) ?? 1) })
    average = configuration.optimizer.keptAverage.map { [arena, engine, gradients] in
      WeightAverage(arena, decay: Float($0), engine, part: gradients.ownPart)
    }
    do {
      objective = try ObjectiveMix(
        ObjectiveContext(
          model, head: head, settings, ofTask: task.objectives, vocabulary: vocabulary,
          groups: groups.map { GroupLosses($0, settings.group) }, balance: modalities, rewards: rewards,
          seed: configuration.seed,
          configuration.privacy.isOn ? SoloCommunicator() : communicator))
    } catch {
      throw TrainingError.unsupported(key: "objective.\(error.name)", what: error.lack)
    }
  }

  /// First weights: read or drawn from the seed on rank 0, then the same on all ranks.
  /// - Returns: on rank 0, what was read of each file.
  @discardableResult
  func initializeWeights() throws -> [LoadingReport] {
    let reports = try onRoot("reading the first weights", communicator) {
      // Drawing all of a published model would take longer than reading it.
      arena.initialize(seed: configuration.seed, threads: engine.threads, except: try parametersToBeRead())
      return try loadFirstWeights()
    }
    try broadcastWeights()
    return reports ?? []
  }

  /// Those that the run begins from, of a whole model or of its towers, into this rank's arena.
  /// - Returns: what was read of each file.
  @discardableResult
  func loadFirstWeights() throws -> [LoadingReport] {
    if let path = configuration.firstWeights { return [try loadWholeModel(from: path)] }
    return try FirstTowers(configuration.firstTowers).weights.map {
      try $0.load(
        into: arena, at: model.description.place(of: $0.side), isStrict: configuration.initialize.strict,
        threads: engine.threads)
    }
  }

  /// Parameters that `loadFirstWeights` will fill, for all that names and shapes tell; others may be among those that it fills.
  private func parametersToBeRead() throws -> Set<String> {
    let reports: [LoadingReport]
    if let path = configuration.firstWeights {
      guard try !isAdapter(path) && !isFolded(path) else { return [] }
      reports = [try loadingReport(arena.slices, from: path, except: try headKeys(notIn: path))]
    } else {
      reports = try FirstTowers(configuration.firstTowers).weights.map {
        $0.report(arena.slices, at: model.description.place(of: $0.side))
      }
    }
    return Set(reports.flatMap { $0.loaded.map(\.name) })
  }

  private func loadWholeModel(from path: String) throws -> LoadingReport {
    if try isFolded(path) { return try foldWeights(of: ModelDirectory(path: path)) }
    return try loadWeights(
      from: path, into: arena, strictness: configuration.initialize.loadingStrictness(model.description),
      interpolatesPositions: true, except: try headKeys(notIn: path), threads: engine.threads)
  }

  /// Whether the model is to be read as one with branches, and folded.
  private func isFolded(_ path: String) throws -> Bool {
    guard let own = model.description as? any FoldableDescription, own.folding == .whole,
      let read = try ModelDirectory(path: path).description as? any FoldableDescription
    else { return false }
    return read.folding != .whole
  }

  /// The parameters of the task's head, unless the weights were trained for the very same: a head that tells other things is of no use,
  /// whatever its shape.
  private func headKeys(notIn path: String) throws -> Set<String> {
    let directory = isDirectory(path) ? path : parentDirectory(of: path)
    guard try !TaskCatalogue.isSame(task, asOfModelIn: directory) else { return [] }
    return Set(arena.slices.map(\.name).filter { $0.hasPrefix(taskHeadPrefix + ".") })
  }

  /// Reads a model that is not folded yet, or not all of it; what it lacks stays as it was drawn.
  private func foldWeights(of directory: ModelDirectory) throws -> LoadingReport {
    let builder = ParameterBuilder()
    let branched = directory.description.make(builder)
    let read = ParameterArena(builder)
    var report = try directory.loadWeights(into: read, threads: engine.threads)
    report.note = "its branches and norms are folded: single convolutions are trained, from the same features"
    let folded = branched.fastest(read)
    withExtendedLifetime(folded) {
      let own = Dictionary(uniqueKeysWithValues: arena.slices.map { ($0.name, $0) })
      for slice in folded.arena.slices {
        guard let target = own[slice.name] else { continue }
        _ = arena.weights(of: target).update(from: folded.arena.weights(of: slice))
      }
    }
    return report
  }

  func broadcastWeights() throws {
    for array in [arena.weights, arena.lockedWeights] where !array.isEmpty {
      try communicator.broadcast(UnsafeMutableRawBufferPointer(array), root: 0, "weights")
    }
    arena.roundWeights(engine)
  }

  /// How a global batch falls onto the ranks.
  func layout(ofBatch globalCount: Int) -> BatchLayout {
    guard !configuration.privacy.isOn else { return BatchLayout(counts: [globalCount], rank: 0) }
    let counts = (0..<communicator.size).map { share(of: globalCount, rank: $0, ranks: communicator.size).count }
    return BatchLayout(counts: counts, rank: communicator.rank)
  }
}

/// Keeps the memory of the parameters for as long as a tensor lies in it.
private final class Arenas {
  private let arenas: [any SharedArena]
  init(_ arenas: any SharedArena...) { self.arenas = arenas }
}

extension OptimizerSettings {
  /// Nil where no average is kept.
  var keptAverage: Double? { average.flatMap { $0 > 0 ? $0 : nil } }
}

extension InitializeSettings {
  /// Parts that a model may add to the towers it begins from keep the weights that were drawn for them.
  func loadingStrictness(_ model: any ModelDescription) -> LoadingStrictness {
    strict ? .exact(optionalPrefixes: model.addedPrefixes) : .whatFits
  }
}
