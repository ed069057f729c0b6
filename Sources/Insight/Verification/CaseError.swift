public import Reporting

/// What can be wrong with a case file, alone or beside its model.
public enum CaseError: ReportableError, Equatable {
  /// No output, loss or gradient is in it.
  case nothingToCompare(path: String)
  /// A name that no model gives or reads.
  case unknownName(path: String, name: String, nearest: String?)
  /// A name that other models give or read: what this one is, and what it has not.
  case cannotGive(path: String, name: String, model: String)
  /// An array that a result is computed from.
  case missingInput(path: String, name: String, result: String)
  /// An array of another type, or of another shape than the model's.
  case mistakenArray(path: String, name: String, problem: String)
  /// A loss that gradients are of, or that a sum is made of.
  case missingLoss(path: String, problem: String)
  case notFinite(path: String, names: [String])

  public var description: String {
    switch self {
    case .nothingToCompare(let path):
      "\(printable(path)): no array of it is called output.…, loss.… or gradient.…, so there is nothing to compare; is it a "
        + "case file?"
    case .unknownName(let path, let name, let nearest):
      "\(printable(path)): nothing is called \"\(printable(name))\""
        + (nearest.map { "; did you mean \"\(printable($0))\"?" } ?? "; docs/verification.md lists the names")
    case .cannotGive(let path, let name, let model):
      "\(printable(path)): \"\(printable(name))\" is nothing that this \(printable(model)) has; name the model that the file is "
        + "of, or take the array out"
    case .missingInput(let path, let name, let result):
      "\(printable(path)): \(printable(result)) is computed from \"\(printable(name))\", which is not there; add it"
    case .mistakenArray(let path, let name, let problem):
      "\(printable(path)): \"\(printable(name))\" \(printable(problem, limit: 500))"
    case .missingLoss(let path, let problem):
      "\(printable(path)): \(printable(problem, limit: 500)); add it"
    case .notFinite(let path, let names):
      "\(printable(path)): NaN or infinite values in " + names.prefix(10).map { printable($0) }.joined(separator: ", ")
        + (names.count > 10 ? ", …" : "") + "; nothing can be compared with these"
    }
  }

  public var exitCode: ExitCode { .badData }
}
