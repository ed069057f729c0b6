public import Reporting

/// What can be wrong with a model on disk, beside its weights.
public enum PretrainedError: ReportableError {
  /// A file that contradicts another, or that no model is made of.
  case badModel(path: String, problem: String)
  /// No `config.json` and no `open_clip_config.json`.
  case noConfiguration(path: String)
  /// A directory of another kind: "a pipeline of diffusers".
  case otherDirectory(path: String, what: String, advice: String)
  /// A run where one of its checkpoints was meant.
  case runInsteadOfModel(path: String, hasBest: Bool)
  /// An adapter whose model is not there; nil where it does not say which that is.
  case noBase(path: String, base: String?)
  /// An adapter that was trained on another model than lies where it says.
  case otherBase(path: String, base: String)

  /// Something that the format asked for cannot hold.
  case notExportable(what: String)

  public var description: String {
    switch self {
    case .notExportable(let what):
      "\(printable(what, limit: 500)); `mmtrain export --help` says what can be exported"
    case .badModel(let path, let problem):
      "\(printable(path)): \(printable(problem, limit: 1000))"
    case .noConfiguration(let path):
      """
      \(printable(path)): no config.json and no open_clip_config.json beside the weights, so their architecture is not \
      known; name a model directory as transformers or open_clip save it, or a hub name such as \
      openai/clip-vit-base-patch32
      """
    case .otherDirectory(let path, let what, let advice):
      "\(printable(path)) is \(what), and no model directory; \(printable(advice))"
    case .runInsteadOfModel(let path, let hasBest):
      "\(printable(path)) is a run with several checkpoints; name one: "
        + (hasBest ? "\(printable(path))/best or " : "") + "\(printable(path))/last"
    case .noBase(let path, let base):
      "\(printable(path)) is an adapter, and the model that it belongs to "
        + (base.map { "is not at \(printable($0))" } ?? "is not named")
        + "; put it there (`mmtrain fetch` brings one from the hub), or write its path into adapter_config.json "
        + "(base_model_name_or_path)"
    case .otherBase(let path, let base):
      "\(printable(path)) is an adapter for another model than \(printable(base)), whose weights are not those that it was "
        + "trained on; put those back"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .badModel: .badData
    case .noConfiguration, .runInsteadOfModel, .otherDirectory, .noBase, .otherBase: .missingInput
    case .notExportable: .configuration
    }
  }
}
