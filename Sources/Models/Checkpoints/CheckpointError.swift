public import Reporting

/// What can be wrong with a checkpoint directory.
public enum CheckpointError: ReportableError {
  /// No DONE: whoever wrote it did not get to the end.
  case incomplete(path: String)
  /// DONE itself cannot be right.
  case marker(path: String, problem: String)
  /// A member is missing, or is not what DONE says.
  case member(path: String, name: String, problem: String)
  /// No weights where some were to be.
  case noWeights(path: String, problem: String)
  /// An index of several weight files that does not agree with them.
  case index(path: String, problem: String)
  /// The weights are of another architecture.
  case mismatch(path: String, report: LoadingReport)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .incomplete(let path):
      "\(printable(path)): no DONE in it, so it was never finished; choose another checkpoint"
    case .marker(let path, let problem):
      "\(printable(path))/DONE: \(problem); choose another checkpoint"
    case .member(let path, let name, let problem):
      "\(printable(path))/\(printable(name)): \(problem); choose another checkpoint"
    case .noWeights(let path, let problem):
      "\(printable(path)): \(problem)"
    case .index(let path, let problem):
      "\(printable(path)): \(printable(problem)); download the model again"
    case .mismatch(let path, let report):
      "\(printable(path)) does not fit the model: \(report)"
    }
  }

  /// 65 for damage, 66 where nothing is there, 78 where the file and the configuration contradict each other.
  public var exitCode: ExitCode {
    switch self {
    case .incomplete, .marker, .member, .index: .badData
    case .noWeights: .missingInput
    case .mismatch: .configuration
    }
  }
}
