internal import Checkpoints
internal import Glibc
internal import Layers
public import Models
public import Pretrained
public import TensorEngine

/// A model in memory, ready to encode photos and texts. For use from one thread at a time.
public final class LoadedModel {
  public let directory: ModelDirectory
  public let model: any FeatureModel
  public let engine: Engine
  /// The tensors with NaN or infinite values, where such were allowed.
  public let notFiniteTensors: [String]
  let arena: ParameterArena

  /// Reads all of it.
  /// - Parameters:
  ///   - path: a model directory, or a `.safetensors` file with the model's other files beside it.
  ///   - precision: must be supported here.
  ///   - allowsNotFinite: whether weights may be NaN or infinite; what is computed with them is then of no use, but can
  ///     be looked at.
  ///   - spins: as in `Engine`.
  /// - Throws: `PretrainedError`, `CheckpointError`, `SafetensorsError`, `TokenizerError`, `FileError`.
  public init(
    path: String, precision: Precision = .fp32, allowsNotFinite: Bool = false, threads: Int, spins: Bool = true
  ) throws {
    let directory = try ModelDirectory(path: path)
    try directory.requireFittingWeights()
    let engine = Engine(threadCount: threads, precision: precision, spins: spins)
    (self.directory, self.engine) = (directory, engine)
    var notFinite: [String] = []
    let made: any Model
    (made, arena) = try makeModel(directory.description, engine) {
      notFinite = try directory.loadWeights(
        into: $0, allowsNotFinite: allowsNotFinite, threads: engine.threads
      ).notFinite
    }
    guard let model = made as? any FeatureModel else {
      throw InferenceError.noFeatures(path: path, model: made.description.name)
    }
    self.model = model
    notFiniteTensors = notFinite
  }

  /// Most tokens that the text tower reads.
  public var contextLength: Int { directory.description.texts.contextLength }

  /// S
  public var imageSize: Int { directory.description.imageSize }

  /// D
  public var embeddingWidth: Int { (directory.description as? any FeatureDescription)?.embeddingWidth ?? 0 }

  /// What similarities are multiplied by to be logits: exp of the learned scale.
  public var logitFactor: Float { exp(model.logitScale.tensor.value) }

  /// What is then added to them; nil for a model that learnt to choose among texts, rather than pair by pair.
  public var logitBias: Float? { model.logitBias?.tensor.value }
}

/// A model whose weights `fill` has filled in, in the form in which it infers fastest.
func makeModel(
  _ description: any ModelDescription, _ engine: Engine, fill: (ParameterArena) throws -> Void
) rethrows -> (any Model, ParameterArena) {
  let builder = ParameterBuilder()
  let model = description.make(builder)
  let arena = ParameterArena(builder)
  try fill(arena)
  let (fastest, fastestArena) = model.fastest(arena)
  if engine.precision == .bf16 { fastestArena.keepRounded(engine) }
  (fastest as? any FoldableModel)?.prepareForInference(engine)
  return (fastest, fastestArena)
}
