public import Reporting

/// What is wrong with a `preprocessor_config.json` or an `open_clip_config.json`.
public enum PreprocessorConfigurationError: ReportableError, Equatable {
  /// Not a JSON object.
  case notJSON(file: String)
  case missing(file: String, key: String)
  /// A value of the wrong kind, or one that asks for steps that are not made here.
  case unsupported(file: String, key: String, value: String, wanted: String)

  public var description: String {
    switch self {
    case .notJSON(let file):
      "\(file) is not a JSON object, or a value in it has the wrong type; take the file from the model's page again"
    case .missing(let file, let key):
      "\(file) has no key \"\(key)\"; it must describe how CLIP reads pictures"
    case .unsupported(let file, let key, let value, let wanted):
      "\(file): \"\(key)\" is \(printable(value)), but only \(wanted) is understood"
    }
  }

  public var exitCode: ExitCode { .badData }
}
