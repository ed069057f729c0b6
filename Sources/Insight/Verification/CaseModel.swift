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

  /// - Parameters:
  ///   - path: a directory, or a `.safetensors` file with a `config.json` beside it.
  ///   - file: may hold some of the weights.
  init(path: String, _ file: CaseFile, _ engine: Engine) throws {
    let builder = ParameterBuilder()
    let given = Dictionary(
      uniqueKeysWithValues: file.names(CaseFile.parameter).map {
        (String($0.dropFirst(CaseFile.parameter.count)), file.shape($0))
      })
    model = try Self.description(path).fitting(weightsAt: path, others: given).make(builder)
    // Sizes come from outside: they are held against the weights before memory is taken for them.
    let slices = builder.parameters.flatMap(\.slices)
    let report = try loadingReport(slices, from: path, except: Set(given.keys))
    guard report.isExact else { throw CheckpointError.mismatch(path: path, report: report) }
    for slice in slices {
      guard let shape = given[slice.name], shape != slice.shape else { continue }
      throw CaseError.mistakenArray(
        path: file.path, name: CaseFile.parameter + slice.name,
        problem: "has the shape \(shape), and the model's has \(slice.shape)")
    }
    arena = ParameterArena(builder)
    try loadWeights(from: path, into: arena, except: Set(given.keys), threads: engine.threads)
    for slice in arena.slices where given[slice.name] != nil {
      _ = arena.weights(of: slice).update(from: try file.floats(CaseFile.parameter + slice.name))
    }
  }

  /// The names of the weights.
  var parameters: [String] { arena.slices.map(\.name) }

  private static func description(_ path: String) throws -> any ModelDescription {
    do {
      return try ModelDirectory(path: path).description
    } catch let error as TokenizerError {
      let file = (isDirectory(path) ? path : parentDirectory(of: path)) + "/config.json"
      // Of an open_clip_config.json alone nobody knows where texts end.
      guard case .noTokenizer = error, fileExists(file) else { throw error }
      let description = try ModelCatalogue.description(json: readFile(file, limit: 1 << 20), file: file)
      if let flaw = description.flaw { throw PretrainedError.badModel(path: file, problem: flaw) }
      return description
    }
  }
}
