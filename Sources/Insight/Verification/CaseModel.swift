internal import Checkpoints
internal import Files
internal import Layers
internal import Models
internal import Pretrained
internal import TensorEngine
internal import Tokenization

/// A model on disk, whole and in the form in which it is trained. Neither a tokenizer nor a preprocessing has to be there.
struct CaseModel {
  let model: any Model
  let arena: ParameterArena

  /// - Parameter path: a directory, or a `.safetensors` file with a `config.json` beside it.
  init(path: String, _ engine: Engine) throws {
    let builder = ParameterBuilder()
    model = try Self.description(path).make(builder)
    // Sizes come from outside: they are held against the weights before memory is taken for them.
    let report = try loadingReport(builder.parameters.flatMap(\.slices), from: path)
    guard report.isExact else { throw CheckpointError.mismatch(path: path, report: report) }
    arena = ParameterArena(builder)
    try loadWeights(from: path, into: arena, threads: engine.threads)
  }

  private static func description(_ path: String) throws -> any ModelDescription {
    do {
      return try ModelDirectory(path: path).description
    } catch let error as TokenizerError {
      let file = (isDirectory(path) ? path : parentDirectory(of: path)) + "/config.json"
      // Of an open_clip_config.json alone nobody knows where texts end.
      guard case .noTokenizer = error, fileExists(file) else { throw error }
      let description = try ModelCatalogue.description(json: readFile(file, limit: 1 << 20), file: file)
        .asWeightsSay(at: path)
      if let flaw = description.flaw { throw PretrainedError.badModel(path: file, problem: flaw) }
      return description
    }
  }
}
