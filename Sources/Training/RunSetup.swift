internal import Batching
internal import Checkpoints
internal import Collectives
internal import Files
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
  /// Holds the gradients; summed over ranks in place.
  let gradients: any SharedArena
  let optimizer: AdamW
  let objective: Objective

  init(_ configuration: RunConfiguration, dataPath: String, threads: Int, _ communicator: any Communicator) throws {
    self.configuration = configuration
    self.communicator = communicator
    try requireSame(
      fingerprint(configuration.yaml(withOrigins: false).utf8), what: "the configuration",
      advice: "start all ranks with the same files and options", communicator)
    engine = Engine(threadCount: threads, spins: communicator.size == 1)
    dataSet = try PreparedDataSet(path: dataPath)
    try requireSame(
      fingerprint(dataSet.fingerprint.utf8), what: "the data set \(dataPath)",
      advice: "copy one prepared set to all nodes", communicator)

    let source = try Self.source(configuration, dataSet)
    (tokenizerJSON, tokenizer, preprocessing) = (source.tokenizerJSON, source.tokenizer, source.preprocessing)
    let builder = ParameterBuilder()
    model = ImageTextModel(source.description, builder)
    gradients = try communicator.makeSharedArena(
      count: ParameterArena.requiredCount(builder), "memory for gradients")
    let freeze = configuration.initialize.freeze
    arena = ParameterArena(
      builder, gradients: gradients.local, owner: gradients,
      isFrozen: { name in freeze.contains { matches(name, glob: $0) } })
    try requireSame(
      arena.manifestHash, what: "the list of parameters", advice: "all ranks must run the same mmtrain", communicator)
    optimizer = AdamW(
      arena,
      AdamW.Settings(
        beta1: Float(configuration.optimizer.beta1), beta2: Float(configuration.optimizer.beta2),
        epsilon: Float(configuration.optimizer.epsilon), weightDecay: Float(configuration.optimizer.weightDecay)),
      engine)
    objective = Objective(
      model,
      weights: ObjectiveWeights(
        contrastive: Float(configuration.objective.contrastive), matching: Float(configuration.objective.matching)),
      seed: configuration.seed, communicator)
  }

  /// First weights: read on rank 0 or drawn from the seed, then the same on all ranks.
  func initializeWeights() throws {
    arena.initialize(seed: configuration.seed)
    if let weights = configuration.initialize.weights {
      _ = try onRoot("reading the first weights", communicator) { try loadWeights(from: weights, into: arena) }
    }
    try broadcastWeights()
  }

  func broadcastWeights() throws {
    try communicator.broadcast(UnsafeMutableRawBufferPointer(arena.weights), root: 0, "weights")
  }

  /// `initialize.weights` naming a directory brings its architecture and tokenizer along, unless the configuration
  /// states its own architecture.
  private static func source(
    _ configuration: RunConfiguration, _ dataSet: PreparedDataSet
  ) throws -> (
    description: ModelDescription, tokenizerJSON: [UInt8], tokenizer: any Tokenizer, preprocessing: Preprocessing
  ) {
    if let weights = configuration.initialize.weights, isDirectory(weights) {
      let directory = try ModelDirectory(path: weights)
      return (directory.description, directory.tokenizerJSON, directory.tokenizer, directory.preprocessing)
    }
    guard let json = try dataSet.sideFile("tokenizer.json") else {
      throw TrainingError.badModelDirectory(path: dataSet.path, problem: "the prepared set has no tokenizer.json")
    }
    let tokenizer = try loadTokenizer(json, path: dataSet.path + "/tokenizer.json")
    let description = configuration.modelDescription(
      vocabularySize: tokenizer.vocabularySize, startToken: tokenizer.startToken, endToken: tokenizer.endToken)
    return (description, json, tokenizer, .clip(imageSize: configuration.model.vision.imageSize))
  }
}

/// Whether `name` fits a pattern in which `*` stands for any characters.
func matches(_ name: some StringProtocol, glob: some StringProtocol) -> Bool {
  guard let star = glob.firstIndex(of: "*") else { return name == glob }
  guard name.hasPrefix(String(glob[..<star])) else { return false }
  let rest = glob[glob.index(after: star)...]
  var tail = name.dropFirst(glob[..<star].count)
  while true {
    if matches(tail, glob: rest) { return true }
    guard !tail.isEmpty else { return false }
    tail = tail.dropFirst()
  }
}
