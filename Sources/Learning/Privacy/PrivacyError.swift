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
  /// A ledger that knows of fewer steps than the weights have taken.
  case shortLedger(path: String, steps: Int, taken: Int)
  /// There is a secret, and no ledger.
  case noLedger(path: String)
  /// There is a ledger of steps, and no secret.
  case noSecret(path: String)
  /// A file that is no secret, or that is none any more.
  case secret(path: String, problem: String)
  /// The secret is not the one that the ledger's steps had.
  case otherSecret(path: String)
  /// A checkpoint that was not saved under this ledger.
  case otherHistory(path: String, step: Int)
  /// A step that is taken again and comes out otherwise.
  case otherStep(path: String, step: Int)
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
    case .shortLedger(let path, let steps, let taken):
      "\(printable(path)): it knows of \(steps) steps, and the checkpoint has taken \(taken): lines are missing. What the run has given away "
        + "cannot be told any more: take the ledger from a backup, or begin another run with another --output"
    case .noLedger(let path):
      "\(printable(path)): there is a secret, and no ledger of what was done with it. Of two runs with one secret the difference of their "
        + "noise is known: put the ledger back, or begin another run with another --output, without \(PrivacySecret.fileName)"
    case .noSecret(let path):
      "\(printable(path)): steps were taken whose draws and noise follow from this secret, and it is gone: put it back, or begin another "
        + "run with another --output (with initialize.weights from this one's, what both give away adds up)"
    case .secret(let path, let problem): "\(printable(path)): \(problem)"
    case .otherSecret(let path):
      "\(printable(path)): this is not the secret that the steps of the ledger beside it had: put the right one back, or begin another run "
        + "with another --output"
    case .otherHistory(let path, let step):
      "\(printable(path)): the checkpoint of step \(step) was not saved under this ledger: what its steps have given away is not in it. Go on "
        + "from a checkpoint of this run, or begin another run from it with initialize.weights and another --output (what both give away adds up)"
    case .otherStep(let path, let step):
      "\(printable(path)): step \(step) comes out otherwise than when it was taken before, by another library, other threads or other weights, and "
        + "the same noise would tell the difference. Nothing of it was used; give the same command again: draws and noise are new then, and what is "
        + "taken again counts again"
    case .otherBinding(let path, let difference):
      "\(printable(path)): the steps under this secret were of \(difference). The same noise on another gradient would tell what differs: go on "
        + "with what it began with, or begin another run with another --output"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .ledger, .shortLedger, .noLedger, .noSecret, .secret, .otherSecret, .otherHistory, .otherStep: .badData
    case .nothingDrawn, .batchAboveData, .delta, .otherBinding: .configuration
    }
  }
}
