internal import Batching
internal import Checkpoints
internal import Glibc
public import Layers
public import Models
public import Pretrained
public import TensorEngine

/// A model in memory, ready to look at photos and texts. For use from one thread at a time.
public final class LoadedModel {
  public let directory: ModelDirectory
  public let model: any Model
  public let engine: Engine
  public let precision: InferencePrecision
  /// The tensors with NaN or infinite values, where such were allowed.
  public let notFiniteTensors: [String]
  let arena: ParameterArena
  private let arranged = ArrangedWeights()
  /// As the weights were read, with what was put on the model; another one where the model is folded.
  private let read: ParameterArena

  /// Reads all of it.
  /// - Parameter path: a model directory, or a `.safetensors` file with the model's other files beside it.
  /// - Throws: `PretrainedError`, `CheckpointError`, `SafetensorsError`, `TokenizerError`, `FileError`.
  public convenience init(
    path: String, precision: InferencePrecision = .fp32, allowsNotFinite: Bool = false, threads: Int, spins: Bool = true
  ) throws {
    try self.init(
      ModelDirectory(path: path), precision: precision, allowsNotFinite: allowsNotFinite, threads: threads, spins: spins
    )
  }

  /// Reads its weights.
  /// - Parameters:
  ///   - precision: must be supported here.
  ///   - allowsNotFinite: whether weights may be NaN or infinite; what is computed with them is then of no use, but can
  ///     be looked at.
  ///   - spins: as in `Engine`.
  ///   - adding: puts layers on the model whose weights are read with the model's.
  /// - Throws: the same, and what `adding` throws.
  public init(
    _ directory: ModelDirectory, precision: InferencePrecision = .fp32, allowsNotFinite: Bool = false, threads: Int,
    spins: Bool = true, adding: (any Model, ParameterBuilder) throws -> Void = { _, _ in }
  ) throws {
    try directory.requireFittingWeights(adding: adding)
    let engine = Engine(threadCount: threads, inference: precision, spins: spins)
    (self.directory, self.engine, self.precision) = (directory, engine, precision)
    var notFinite: [String] = []
    (model, arena, read) = try makeModel(directory.description, engine, adding: adding) {
      notFinite = try directory.loadWeights(
        into: $0, allowsNotFinite: allowsNotFinite, threads: engine.threads
      ).notFinite
    }
    notFiniteTensors = notFinite
  }

  /// A tape without gradients, for weights that are arranged once.
  public func tape() -> Tape { Tape(engine, recording: false, arrangedWeights: arranged) }

  /// Most tokens that the text tower reads.
  public var contextLength: Int { directory.description.texts.contextLength }

  /// D
  public var embeddingWidth: Int { (directory.description as? any SharedSpaceDescription)?.embeddingWidth ?? 0 }

  /// What similarities are multiplied by to be logits: exp of the learned scale; nil where the model has no features.
  public var logitFactor: Float? { logitFactor(of: .photos) }

  /// The same of texts beside photos, or beside clips.
  func logitFactor(of kind: MediaKind) -> Float? {
    let modality: Modality = kind == .photos ? .image : .audio
    return (model as? any SharedSpaceModel).map { exp($0.logitScale(ofTextsBeside: modality).tensor.value) }
  }

  /// What is then added to them; nil for a model that learnt to choose among texts, rather than pair by pair.
  public var logitBias: Float? { (model as? any SharedSpaceModel)?.logitBias?.tensor.value }

  /// The model as one with features in a space that all that it reads shares.
  /// - Throws: `InferenceError.noFeatures`.
  func features() throws -> any SharedSpaceModel {
    guard let model = model as? any SharedSpaceModel else {
      throw InferenceError.noFeatures(path: directory.path, model: model.description.name)
    }
    return model
  }
}

/// A model whose weights `fill` has filled in, in the form in which it infers fastest; its arena, and the one that was filled.
func makeModel(
  _ description: any ModelDescription, _ engine: Engine,
  adding: (any Model, ParameterBuilder) throws -> Void = { _, _ in }, fill: (ParameterArena) throws -> Void
) rethrows -> (any Model, ParameterArena, ParameterArena) {
  let builder = ParameterBuilder()
  let model = description.make(builder)
  try adding(model, builder)
  // No pass takes the gradient of a weight, not even one that is explained.
  let arena = ParameterArena(builder) { _ in true }
  try fill(arena)
  let (fastest, fastestArena) = model.fastest(arena)
  fastestArena.fixWeights()
  (fastest as? any FoldableModel)?.prepareForInference(engine)
  return (fastest, fastestArena, arena)
}
