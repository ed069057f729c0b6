internal import Checkpoints
public import Models

extension ModelDescription {
  /// The same as its weights have it, for models whose `config.json` does not say all.
  /// - Parameters:
  ///   - path: a directory or a file. Weights that cannot be read say so when they are loaded.
  ///   - others: shapes of tensors that stand in the place of the file's, or beside them.
  /// - Throws: `PretrainedError` where the sizes that the weights say will not do.
  public func fitting(weightsAt path: String, others: [String: [Int]] = [:]) throws -> any ModelDescription {
    guard let model = self as? any DescriptionOfWeights,
      let set = try? SafetensorsSet(path: modelWeightsPath(at: path))
    else { return self }
    let made = model.fitting { others[$0] ?? set.entry(named: $0)?.shape }
    if let flaw = made.flaw { throw PretrainedError.badModel(path: set.path, problem: flaw) }
    return made
  }
}
