public import Reporting

/// Why nothing can be told of a run.
public enum RunHistoryError: ReportableError, Equatable {
  case noRun(path: String)
  /// The log holds no step; `unread` lines of it are no events.
  case nothingYet(path: String, unread: Int)

  public var description: String {
    switch self {
    case .noRun(let path):
      "\(printable(path)) is no run: it has no metrics.jsonl; name the directory that mmtrain train wrote to (--output)"
    case .nothingYet(let path, let unread):
      "\(printable(path))/metrics.jsonl says nothing of a run"
        + (unread > 0 ? ": \(unread) of its lines are no events" : " yet; wait for its first step")
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .noRun: .missingInput
    case .nothingYet(_, let unread): unread > 0 ? .badData : .missingInput
    }
  }
}
