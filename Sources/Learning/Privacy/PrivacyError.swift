public import Reporting

/// What would be no guarantee.
public enum PrivacyError: ReportableError, Equatable {
  /// Nothing to draw, or nothing to draw from.
  case nothingDrawn(units: Int, batch: Int, steps: Int)
  /// More units wanted of a step than there are.
  case batchAboveData(batch: Int, units: Int)
  /// δ is not between 0 and 1 / N.
  case delta(Double, units: Int)
  /// A ledger that is not as it was written.
  case ledger(path: String, line: Int, problem: String)
  /// Steps under a secret were of something else.
  case otherBinding(path: String, difference: String)

  public var description: String {
    switch self {
    case .nothingDrawn(let units, let batch, let steps):
      "a private run needs data, a batch and steps: there are \(units) units, batches of \(batch) and \(steps) steps"
    case .batchAboveData(let batch, let units):
      "a step cannot draw \(batch) of \(units) units: a unit counts once, however many samples it has; take a batch of \(units) at most"
    case .delta(let delta, let units):
      "δ = \(delta) allows too much: with \(units) units it has to be above 0 and below 1 / \(units) = \(brief(1 / Double(units))), for "
        + "publishing one of them as it is would keep a promise of 1 / N; leave it out for \(PrivacyPlan.usualDelta(units: units))"
    case .ledger(let path, let line, let problem):
      "\(printable(path)), line \(line): \(problem). What the run has given away cannot be told any more: take the ledger from a backup, "
        + "or begin another run with another --output"
    case .otherBinding(let path, let difference):
      "\(printable(path)): the steps under this secret were of \(difference). The same noise on another gradient would tell what differs: go on "
        + "with what it began with, or begin another run with another --output"
    }
  }

  public var exitCode: ExitCode {
    if case .ledger = self { .badData } else { .configuration }
  }
}
