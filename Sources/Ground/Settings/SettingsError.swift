public import Reporting

/// What can be wrong with a configuration that another library wrote.
public enum SettingsError: ReportableError, Equatable {
  case malformed(file: String, line: Int, reason: String)
  case notAnObject(file: String)
  /// Something that stands in the place of the file: what it is, and what to do.
  case mistaken(file: String, content: String)
  case missing(file: String, key: String)
  case wrongType(file: String, key: String, found: String, wanted: String)
  /// A value that asks for something which mmtrain does not do; doing something else would give other numbers.
  case unsupported(file: String, key: String, found: String, wanted: String)
  /// A key of which nobody here knows whether numbers depend on it.
  case unknownKey(file: String, key: String, nearest: String?)
  /// A model that mmtrain does not have, as a person calls it, "a BERT", and in words those that it has.
  case otherModel(file: String, model: String, known: String)

  public var description: String {
    switch self {
    case .malformed(let file, let line, let reason):
      "\(printable(file)):\(line): not valid JSON: \(reason); fetch or write the file again"
    case .notAnObject(let file):
      "\(printable(file)): not a JSON object, {…}; fetch or write the file again"
    case .mistaken(let file, let content):
      "\(printable(file)) \(content)"
    case .missing(let file, let key):
      "\(printable(file)): the key \(printable(key)) is missing; take the file from the model's page"
    case .wrongType(let file, let key, let found, let wanted):
      "\(printable(file)): \(printable(key)) is \(printable(found)), but must be \(wanted); take the file from the "
        + "model's page"
    case .unsupported(let file, let key, let found, let wanted):
      "\(printable(file)): \(printable(key)) is \(printable(found)), but mmtrain knows \(printable(wanted)) only, and "
        + "would compute other numbers; take another model, or one that was converted"
    case .unknownKey(let file, let key, let nearest):
      "\(printable(file)): mmtrain does not know the key \(printable(key))"
        + (nearest.map { " (did you mean \(printable($0))?)" } ?? "")
        + " and cannot tell whether numbers depend on it; where they do not, take it out"
    case .otherModel(let file, let model, let known):
      "\(printable(file)): this is \(printable(model)), and mmtrain has no such model; it has \(known): take one of these"
    }
  }

  /// 65 for a file that is not what it should be, 78 for what is not supported.
  public var exitCode: ExitCode {
    switch self {
    case .malformed, .notAnObject, .mistaken, .missing, .wrongType: .badData
    case .unsupported, .unknownKey, .otherModel: .configuration
    }
  }
}
