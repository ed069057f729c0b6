public import Reporting

/// What can be wrong with a model on disk, beside its weights.
public enum PretrainedError: ReportableError {
  /// A file that contradicts another, or that no model is made of.
  case badModel(path: String, problem: String)
  /// No `config.json` and no `open_clip_config.json`.
  case noConfiguration(path: String)
  /// An architecture that mmtrain does not have.
  case unknownArchitecture(path: String, name: String)
  /// A run where one of its checkpoints was meant.
  case runInsteadOfModel(path: String, hasBest: Bool)

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
    case .unknownArchitecture(let path, let name):
      """
      \(printable(path)): the architecture "\(printable(name))" is none that mmtrain has: CLIP with two transformers, \
      MobileCLIP-S1 and -S2, and mmtrain's own
      """
    case .runInsteadOfModel(let path, let hasBest):
      "\(printable(path)) is a run with several checkpoints; name one: "
        + (hasBest ? "\(printable(path))/best or " : "") + "\(printable(path))/last"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .badModel: .badData
    case .noConfiguration, .runInsteadOfModel: .missingInput
    case .unknownArchitecture, .notExportable: .configuration
    }
  }
}
