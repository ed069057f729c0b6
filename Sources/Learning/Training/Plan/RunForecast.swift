internal import Batching
public import Configuration
internal import Files
internal import Foundation
internal import Layers
internal import Models
internal import Objectives
internal import Tasks
public import TensorEngine

/// What a run would take, computed from its plan: sizes, memory, operations, steps. What `--dry-run` prints.
public struct RunForecast: Sendable {
  public let model: String
  /// What was asked for, with the sizes that the model really has.
  public let configuration: RunConfiguration
  /// What was decided that nobody stated, a sentence each.
  public let remarks: [String]
  public let parameters: Int
  /// Of them those that keep the weights they begin with.
  public let frozenParameters: Int
  public let arrays: Int
  /// The towers of which nothing is trained.
  public let lockedTowers: [LockedTowerForecast]
  /// Name and shape of what goes in and comes out, with the letters of docs/numerics.md filled in.
  public let shapes: [(name: String, shape: [Int])]
  /// Bytes of weights, gradients and this rank's part of the optimizer's two moments and of the average, with all ranks on
  /// one node.
  public let stateBytes: Int
  /// Bytes of what is learnt and its gradients that each rank of several shares with those of its node, in /dev/shm.
  public let sharedBytes: Int
  /// Bytes of the tensors that passes make on each rank, where a step was rehearsed; else an estimate of what one keeps for its
  /// backward pass, captions taken as 20 tokens.
  public let activationBytes: Int
  /// Bytes that a rank takes in all: docs/launch.md says how good.
  public let memoryBytes: Int
  /// Whether these come from a step that was rehearsed, rather than from a formula.
  public let isRehearsed: Bool
  /// Why no step was rehearsed, where one was asked for.
  public let whyNotRehearsed: String?
  /// Bytes of a checkpoint: weights, or the updates alone, both moments and the average.
  public let checkpointBytes: Int
  /// Multiplications and additions of a step of the global batch, forward and backward, captions taken as 20 tokens.
  public let stepOperations: Double
  /// Tokens that a caption is taken to have.
  public static var captionTokens: Int { BatchShapes.usualTextTokens }
  /// What products multiply.
  public let precision: Precision
  /// Nil where the data set is not made yet.
  public let samples: Int?
  public let stepsPerEpoch: Int?
  public let steps: Int?
  /// Of them those in which the learning rate rises.
  public let warmupSteps: Int?

  /// - Parameters:
  ///   - dataPath: where the built-in data may not be made yet.
  ///   - rehearsing: with how many threads a rank's step is gone through to learn what memory it takes; nil estimates that by a
  ///     formula, which is faster and knows blocks of attention alone. What cannot be rehearsed is estimated too.
  /// - Throws: the errors of the rooms where the data set or the model named in the configuration cannot be read, or does
  ///   not suit it.
  public init(_ asked: RunConfiguration, dataPath: String, ranks: Int, rehearsing threads: Int? = nil) throws {
    let isNamed = asked.data.path != nil
    let dataSet = isNamed || fileExists(dataPath + "/manifest.json") ? try PreparedDataSet(path: dataPath) : nil
    try dataSet.map { try asked.check($0) }
    let plan = try dataSet.map { try RunPlan(asked, $0) }
    if let dataSet { try plan?.require(of: dataSet, asked) }
    let planned =
      try plan?.model ?? asked.model(in: ModelSurroundings(vocabularySize: 1024, tokens: (start: 0, end: 0)))
    let (configuration, description) = (planned.configuration, planned.description)
    let (made, builder) = try configuration.make(description)
    _ = try plan?.task.makeHead(on: made, builder[taskHeadPrefix])
    let isJoining = planned.isJoining
    (model, remarks) = (description.name, planned.remarks)
    self.configuration = configuration.withSizes(of: description)
    let learnt = builder.parameters.filter { !$0.isConstant }
    parameters = learnt.reduce(0) { $0 + $1.count }
    let frozen = try FrozenParameters(configuration, description, builder.parameters)
    frozenParameters = learnt.reduce(0) { $0 + (frozen.contains($1.slices[0].name) ? $1.count : 0) }
    arrays = builder.parameters.reduce(0) { $0 + $1.slices.count }
    precision = configuration.precision.onThisProcessor { _ in }
    let activation = precision == .bf16 ? 2 : 4
    lockedTowers = Modality.allCases.compactMap {
      LockedTowerForecast(
        $0, configuration, description, learnt.map { $0.slices[0].name }.filter { !frozen.contains($0) }, dataSet,
        isJoining: isJoining, elementBytes: activation)
    }
    // Weights, and gradients of what is learnt; this rank's part of two moments and of the average; weights as they are
    // multiplied, where they are rounded or have updates.
    let (count, locked) = ParameterArena.requiredCounts(builder, isFrozen: frozen.contains)
    let multiplied = precision == .bf16 ? 2 * (count + locked + builder.adaptedCount) : 4 * builder.adaptedCount
    let keepsAverage = configuration.optimizer.keptAverage != nil
    // The sum of a private run's units, and this rank's part of it.
    let sums = configuration.privacy.isOn ? 8 * (count + count / ranks) : 0
    stateBytes =
      sums + 4 * (2 * (count * (ranks + 1) / ranks) + locked) + (keepsAverage ? 4 * count / ranks : 0) + multiplied
    sharedBytes = ranks > 1 ? 4 * 2 * count : 0
    var pairs = (configuration.batch.global + ranks - 1) / ranks
    // Units are computed one by one, and what some leave is kept.
    if configuration.privacy.isOn { pairs = min(pairs, UnitLoader.piece) }
    let estimate = MemoryEstimate(
      description, configuration, joinings: planned.joiningsAtOnce, pairs: pairs, activation: activation
    ) { modality, tower in
      description.towers[modality].map { frozen.blocksWithBackwardPass(of: $0, builder.parameters) } ?? tower.layers
    }
    let evaluated = dataSet.map { $0.samples(of: configuration.evaluation.split) ?? 0 }
    var (rehearsed, failure): (Int?, String?) = (nil, nil)
    if threads != nil, UInt64(stateBytes) > ProcessInfo.processInfo.physicalMemory {
      failure = "weights, gradients and moments are more than this machine's memory"
    } else if let threads {
      do {
        rehearsed = try StepRehearsal.bytes(
          configuration, plan.flatMap { plan in dataSet.map { (plan, $0) } }, pairs: pairs,
          evaluates: evaluated != 0, threads: threads)
      } catch { failure = "\(error)" }
    }
    (isRehearsed, whyNotRehearsed) = (rehearsed != nil, failure)
    activationBytes = rehearsed ?? estimate.keptBytes
    memoryBytes =
      stateBytes
      + (rehearsed.map { MemoryEstimate.programBytes + $0 } ?? estimate.processBytes)
      + estimate.evaluationBytes(photos: evaluated ?? 0, joins: made is any JointModel, isRehearsed: rehearsed != nil)
    let trained = parameters - frozenParameters
    let kept = configuration.model.lora.rank > 0 ? trained : parameters
    checkpointBytes = (keepsAverage ? 8 : 4) * kept + 8 * trained
    stepOperations = planned.stepOperations
    shapes = Self.shapes(description, pairs: pairs, globalBatch: configuration.batch.global)
    samples = dataSet?.samples(of: configuration.data.split)
    stepsPerEpoch = plan?.privacy?.stepsPerEpoch ?? samples.map { $0 / configuration.batch.global }
    let steps = configuration.schedule.steps ?? stepsPerEpoch.map { configuration.steps(anEpoch: $0) }
    self.steps = steps
    warmupSteps = steps.map { configuration.warmupSteps(of: $0) }
  }

  private static func shapes(
    _ description: any ModelDescription, pairs: Int, globalBatch: Int
  ) -> [(name: String, shape: [Int])] {
    let states = Modality.allCases.compactMap { modality in
      description.towerBlocks(modality).map { tower in
        (
          "\(modality.rawValue) states a rank" + (modality == .text ? ", at most" : ""),
          [pairs * tower.tokens, tower.width]
        )
      }
    }
    let width = (description as? any FeatureDescription)?.embeddingWidth
    return [images(description.images, pairs: pairs)] + states
      + (width.map { [("features of the global batch", [globalBatch, $0])] } ?? [])
  }

  private static func images(_ shape: ImageShape, pairs: Int) -> (name: String, shape: [Int]) {
    switch shape {
    case .pictures(let side): ("pixels a rank", [pairs, 3, side, side])
    case .regions(let shape): ("regions a rank, at most", [pairs * shape.limit, shape.width])
    case .frames(let shape):
      ("pixels of frames a rank, at most", [pairs * shape.limit, 3, shape.side, shape.side])
    case .clips(let shape): ("frames of clips a rank, at most", [pairs * shape.frames, shape.bands])
    }
  }
}

extension PreparedDataSet {
  fileprivate func samples(of split: String) -> Int? { manifest.splits.first { $0.name == split }?.samples }
}
