public import Reporting

/// What can go wrong between ranks, whatever carries their messages.
public enum CollectiveError: ReportableError {
  /// Two ranks came to different calls. `mine` and `theirs` describe them.
  case ranksDisagree(rank: Int, mine: String, other: Int, theirs: String)
  /// Two nodes came to different calls.
  case nodesDisagree(node: Int, mine: String, other: Int)
  /// Another rank ended with an error, so this one cannot go on.
  case peerFailed(rank: Int, failed: Int, label: String)
  /// A call that no set of ranks could answer.
  case wrongArgument(label: String, problem: String)
  /// The self test found an element that is not what it must be.
  case wrongResult(check: String, rank: Int, index: Int, found: String, expected: String)

  public var description: String {
    switch self {
    case .ranksDisagree(let rank, let mine, let other, let theirs):
      """
      rank \(rank) came to \(printable(mine)), but rank \(other) to \(printable(theirs)): the ranks do not run the same \
      steps; start all of them with the same program, configuration and data
      """
    case .nodesDisagree(let node, let mine, let other):
      """
      node \(node) came to \(printable(mine)), but node \(other) to another call: the ranks do not run the same steps; \
      start all of them with the same program, configuration and data
      """
    case .peerFailed(let rank, let failed, let label):
      "rank \(rank) gave up waiting at '\(printable(label))': rank \(failed) ended with an error, see its message"
    case .wrongArgument(let label, let problem):
      "collective '\(printable(label))': \(problem)"
    case .wrongResult(let check, let rank, let index, let found, let expected):
      """
      self test of the collectives: \(check): element \(index) on rank \(rank) is \(found) instead of \(expected); \
      do not train on this installation of MPI
      """
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .ranksDisagree, .nodesDisagree, .peerFailed: .ranksDisagree
    case .wrongArgument, .wrongResult: .internalError
    }
  }
}
