/// How a rank ended, as mpirun tells it.
package enum RankEnding: Equatable {
  case signal(rank: Int, host: String, number: Int32)
  case exit(rank: Int, code: Int32)
  /// The rank ended all of them, with this code.
  case aborted(rank: Int, code: Int32)
  /// The machine, or the way to it, is gone.
  case lostHost(String)

  /// Reads the sentences of Open MPI 4, words separated by single spaces; nil for others.
  package init?(_ words: String) {
    let killed = /process rank (\d+) with PID \d+ on node (\S+) exited on signal (\d+)/
    let ended = /Process name: \[\[\d+,\d+\],(\d+)\] Exit code: (\d+)/
    let aborted = /MPI_ABORT was invoked on rank (\d+) in communicator .* with errorcode (\d+)\./
    let lost = /lost communication with a remote daemon\..*Remote daemon: \S+ on node (\S+)/
    if let match = words.firstMatch(of: killed), let rank = Int(match.1), let number = Int32(match.3) {
      self = .signal(rank: rank, host: String(match.2), number: number)
    } else if let match = words.firstMatch(of: ended), let rank = Int(match.1), let code = Int32(match.2) {
      self = .exit(rank: rank, code: code)
    } else if let match = words.firstMatch(of: aborted), let rank = Int(match.1), let code = Int32(match.2) {
      self = .aborted(rank: rank, code: code)
    } else if let match = words.firstMatch(of: lost) {
      self = .lostHost(String(match.1))
    } else {
      return nil
    }
  }
}
