internal import Batching
internal import Files
internal import Layers
internal import Models
public import Reporting
internal import TensorEngine

/// What a run would be, known without running it: for `--dry-run`.
public struct RunPlan: Sendable {
  public let model: String
  public let parameters: Int
  public let arrays: Int
  /// Name and shape of what goes in and comes out, with the letters of docs/numerics.md filled in.
  public let shapes: [(name: String, shape: [Int])]
  /// Bytes of weights, gradients and this rank's part of the optimizer's two moments, with all ranks on one node.
  public let stateBytes: Int
  /// Bytes of what a step keeps for its backward pass on each rank: an estimate, captions taken as 20 tokens.
  public let activationBytes: Int
  /// Nil where the data set is not made yet.
  public let samples: Int?
  public let stepsPerEpoch: Int?
  public let steps: Int?

  /// - Throws: the errors of the rooms where the data set or the model named in the configuration cannot be read.
  public init(_ configuration: RunConfiguration, dataPath: String, ranks: Int) throws {
    let dataSet = fileExists(dataPath + "/manifest.json") ? try PreparedDataSet(path: dataPath) : nil
    let description =
      try dataSet.map { try ModelPlan(configuration, $0).description }
      ?? configuration.modelDescription(vocabularySize: 1024)
    let builder = ParameterBuilder()
    _ = ImageTextModel(description, builder)
    model = description.name
    parameters = builder.parameters.reduce(0) { $0 + $1.count }
    arrays = builder.parameters.reduce(0) { $0 + $1.slices.count }
    stateBytes = 4 * 2 * (ParameterArena.requiredCount(builder) * (ranks + 1) / ranks)
    let pairs = (configuration.batch.global + ranks - 1) / ranks
    activationBytes = 4 * Self.keptFloats(description, pairs: pairs)
    let towers = description.towers
    shapes = [
      ("pixels a rank", [pairs, 3, towers.vision.imageSize, towers.vision.imageSize]),
      ("image states a rank", [pairs * towers.imageTokens, towers.vision.width]),
      ("text states a rank, at most", [pairs * towers.text.contextLength, towers.text.width]),
      ("features of the global batch", [configuration.batch.global, towers.embeddingWidth]),
    ]
    samples = dataSet?.manifest.splits.first { $0.name == configuration.data.split }?.samples
    stepsPerEpoch = samples.map { $0 / configuration.batch.global }
    steps = configuration.schedule.steps ?? stepsPerEpoch.map { $0 * (configuration.schedule.epochs ?? 1) }
  }

  /// Floats a block keeps for a token: queries, keys, values, attention's result and projection, the sums and norms
  /// around both halves, and the perceptron before and after its activation.
  private static func keptFloats(_ description: ModelDescription, pairs: Int) -> Int {
    let towers = description.towers
    func block(_ width: Int, _ intermediate: Int) -> Int { 10 * width + 2 * intermediate }
    let imageTokens = pairs * towers.imageTokens
    let textTokens = pairs * min(20, towers.text.contextLength)
    let side = towers.vision.imageSize
    var floats = imageTokens * towers.vision.layers * block(towers.vision.width, towers.vision.intermediate)
    floats += textTokens * towers.text.layers * block(towers.text.width, towers.text.intermediate)
    floats += 2 * pairs * 3 * side * side
    if case .crossAttention(_, let fusion) = description {
      // Positives and two kinds of negatives; a cross-attention more than a plain block.
      let each = block(fusion.width, fusion.intermediate) + 8 * fusion.width
      if fusion.direction != .imageToText { floats += 3 * textTokens * fusion.layers * each }
      if fusion.direction != .textToImage { floats += 3 * imageTokens * fusion.layers * each }
    }
    return floats
  }

  /// Names and values, in the order in which a person wants them.
  public var rows: [(name: String, value: OrderedJSON)] {
    [
      ("model", .text(model)), ("parameters", .integer(parameters)), ("arrays", .integer(arrays)),
      ("shapes", .object(shapes.map { ($0.name, .text("\($0.shape)")) })),
      ("state_mb_a_rank", .integer(stateBytes >> 20)), ("activations_mb_a_rank", .integer(activationBytes >> 20)),
      ("samples", samples.map { .integer($0) } ?? .null),
      ("steps_an_epoch", stepsPerEpoch.map { .integer($0) } ?? .null),
      ("steps", steps.map { .integer($0) } ?? .null),
    ]
  }
}
