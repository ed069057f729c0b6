internal import Batching
internal import Files
internal import Layers
internal import Models
public import TensorEngine

/// What a run would be, known without running it: for `--dry-run`.
public struct RunPlan: Sendable {
  public let model: String
  public let parameters: Int
  /// Of them those that keep the weights they begin with.
  public let frozenParameters: Int
  public let arrays: Int
  /// Name and shape of what goes in and comes out, with the letters of docs/numerics.md filled in.
  public let shapes: [(name: String, shape: [Int])]
  /// Bytes of weights, gradients and this rank's part of the optimizer's two moments, with all ranks on one node.
  public let stateBytes: Int
  /// Bytes of weights and gradients that each rank of several shares with those of its node, in /dev/shm.
  public let sharedBytes: Int
  /// Bytes of what a step keeps for its backward pass on each rank: an estimate, captions taken as 20 tokens.
  public let activationBytes: Int
  /// Bytes that a rank takes in all: an estimate, docs/launch.md says how good.
  public let memoryBytes: Int
  /// Bytes of a checkpoint: weights and both moments.
  public let checkpointBytes: Int
  /// Multiplications and additions of a step of the global batch, forward and backward, captions taken as 20 tokens; nil
  /// for a model whose towers are no transformers.
  public let stepOperations: Double?
  /// What products multiply.
  public let precision: Precision
  /// Nil where the data set is not made yet.
  public let samples: Int?
  public let stepsPerEpoch: Int?
  public let steps: Int?
  /// Of them those in which the learning rate rises.
  public let warmupSteps: Int?

  /// - Parameter dataPath: where the built-in data may not be made yet.
  /// - Throws: the errors of the rooms where the data set or the model named in the configuration cannot be read, or does
  ///   not suit it.
  public init(_ configuration: RunConfiguration, dataPath: String, ranks: Int) throws {
    let isNamed = configuration.data.path != nil
    let dataSet = isNamed || fileExists(dataPath + "/manifest.json") ? try PreparedDataSet(path: dataPath) : nil
    try dataSet.map { try configuration.check($0) }
    let description =
      try dataSet.map { try ModelPlan(configuration, $0).description }
      ?? configuration.modelDescription(vocabularySize: 1024)
    let builder = ParameterBuilder()
    _ = ImageTextModel(description, builder)
    model = description.name
    let learnt = builder.parameters.filter { !$0.isConstant }
    parameters = learnt.reduce(0) { $0 + $1.count }
    let frozen = try FrozenParameters(configuration, description, builder.parameters)
    frozenParameters = learnt.reduce(0) { $0 + (frozen.contains($1.slices[0].name) ? $1.count : 0) }
    arrays = builder.parameters.reduce(0) { $0 + $1.slices.count }
    precision = configuration.precision.onThisProcessor { _ in }
    // Weights and gradients; this rank's part of two moments; at bf16 the rounded weights.
    let count = ParameterArena.requiredCount(builder)
    stateBytes = 4 * 2 * (count * (ranks + 1) / ranks) + (precision == .bf16 ? 2 * count : 0)
    sharedBytes = ranks > 1 ? 4 * 2 * count : 0
    let pairs = (configuration.batch.global + ranks - 1) / ranks
    let layers = [description.visionLayers, description.textLayers].map {
      frozen.blocksWithBackwardPass(of: $0, builder.parameters)
    }
    activationBytes = Self.keptBytes(
      description, configuration, pairs: pairs, layers: (layers[0], layers[1]),
      activation: precision == .bf16 ? 2 : 4)
    memoryBytes =
      Self.processBytes + stateBytes + activationBytes / 100 * Self.percentWithGradients(configuration)
      + Self.evaluationBytes(description, photos: dataSet?.samples(of: configuration.evaluation.split) ?? 0)
    checkpointBytes = 4 * parameters + 8 * (parameters - frozenParameters)
    stepOperations = modelOperations(description, configuration)
    let imageStates = description.transformers.map { towers in
      ("image states a rank", [pairs * towers.imageTokens, towers.vision.width])
    }
    shapes =
      [("pixels a rank", [pairs, 3, description.imageSize, description.imageSize])] + (imageStates.map { [$0] } ?? [])
      + [
        ("text states a rank, at most", [pairs * description.text.contextLength, description.text.width]),
        ("features of the global batch", [configuration.batch.global, description.embeddingWidth]),
      ]
    samples = dataSet?.samples(of: configuration.data.split)
    stepsPerEpoch = samples.map { $0 / configuration.batch.global }
    let steps = configuration.schedule.steps ?? stepsPerEpoch.map { configuration.steps(anEpoch: $0) }
    self.steps = steps
    warmupSteps = steps.map { configuration.warmupSteps(of: $0) }
  }

  /// The program and its libraries.
  private static let processBytes = 96 << 20

  /// What the backward pass keeps, the gradients that pass through it, and what the pool holds in sizes that only some
  /// batches need: measured (docs/launch.md).
  private static func percentWithGradients(_ configuration: RunConfiguration) -> Int {
    if configuration.memory.recompute == .blocks { return 160 }
    return configuration.objective.matching > 0 ? 140 : 125
  }

  /// An evaluation, which comes on top as the pool gives nothing back: the hidden layers of 32 photos, or of their five
  /// captions each; for a matching head the states of the whole split, once here and once gathered.
  private static func evaluationBytes(_ description: ModelDescription, photos: Int) -> Int {
    guard let towers = description.transformers, photos > 0 else { return 0 }
    let textTokens = 5 * min(20, towers.text.contextLength)
    let hidden = 32 * max(towers.imageTokens * towers.vision.intermediate, textTokens * towers.text.intermediate)
    guard case .crossAttention = description else { return 40 * hidden }
    return 40 * hidden + 8 * photos * (towers.imageTokens * towers.vision.width + textTokens * towers.text.width)
  }

  /// A block keeps for a token the two sums of the residual stream as fp32; queries, keys, values, attention's result and
  /// the perceptron's hidden layer as activations. Where blocks run again it keeps its input, and one of them the rest
  /// and as many gradients.
  /// - Parameter layers: blocks of each tower that have a backward pass; the others keep nothing.
  private static func keptBytes(
    _ description: ModelDescription, _ configuration: RunConfiguration, pairs: Int, layers: (vision: Int, text: Int),
    activation: Int
  ) -> Int {
    let text = description.text
    let recomputes = configuration.memory.recompute == .blocks
    var (bytes, largest) = (0, 0)
    func add(_ layers: Int, tokens: Int, _ width: Int, _ intermediate: Int, sums: Int = 2, states: Int = 4) {
      let block = tokens * (4 * sums * width + activation * (states * width + intermediate))
      bytes += layers * (recomputes ? tokens * 4 * width : block)
      largest = max(largest, recomputes && layers > 0 ? 2 * block : 0)
    }
    let atOnce = min(configuration.batch.micro ?? pairs, pairs)
    let imageTokens = atOnce * (description.transformers?.imageTokens ?? 0)
    let textTokens = atOnce * min(20, text.contextLength)
    if let vision = description.transformers?.vision {
      add(layers.vision, tokens: imageTokens, vision.width, vision.intermediate)
    }
    add(layers.text, tokens: textTokens, text.width, text.intermediate)
    if case .crossAttention(_, let fusion) = description, configuration.objective.matching > 0 {
      // Positives and two kinds of negatives; a cross-attention more than a plain block.
      for (tokens, isLeftOut) in [(textTokens, FusionDirection.imageToText), (imageTokens, .textToImage)]
      where fusion.direction != isLeftOut {
        add(fusion.layers, tokens: 3 * tokens, fusion.width, fusion.intermediate, sums: 3, states: 8)
      }
    }
    let pixels = 3 * description.imageSize * description.imageSize
    return bytes + largest + 4 * pairs * pixels + activation * atOnce * pixels
  }
}

extension PreparedDataSet {
  fileprivate func samples(of split: String) -> Int? { manifest.splits.first { $0.name == split }?.samples }
}
