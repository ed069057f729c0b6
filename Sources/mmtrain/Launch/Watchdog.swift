internal import Collectives
internal import Glibc
internal import Reporting

/// Ends a run that waits for a rank which will not come: stopped, stuck, on a machine that is gone. MPI itself waits for
/// ever.
///
/// A thread of its own looks at the board once a second. It makes no MPI call: it says what this rank waits for and who is
/// missing, and ends the process; mpirun then ends the others and passes the code on.
final class Watchdog: Sendable {
  private let board: WaitBoard
  private let rank: Int
  /// Seconds in one call after which the run ends; a tenth of it warns.
  private let limit: Double

  init(_ board: WaitBoard, rank: Int, limit: Double) {
    (self.board, self.rank, self.limit) = (board, rank, limit)
  }

  /// The limit that `MMTRAIN_HANG_SECONDS` names, or ten minutes; nil for 0, which waits for ever.
  static func limit(_ environment: (String) -> String?) -> Double? {
    let named = environment("MMTRAIN_HANG_SECONDS").flatMap { Double($0) } ?? 600
    return named > 0 ? named : nil
  }

  func start() {
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        argument.map { Unmanaged<Watchdog>.fromOpaque($0).takeRetainedValue().watch() }
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    if code == 0 { pthread_detach(thread) }
  }

  private func watch() {
    var warned = -1
    while true {
      sleep(1)
      guard let wait = board.current else { continue }
      if wait.seconds >= limit {
        writeToStandardError(
          "error: rank \(rank): \(sentence(wait)); ending the run. Look at that machine, then run again\n")
        _exit(ExitCode.hang.rawValue)
      }
      if wait.seconds >= limit / 10, warned != wait.number {
        warned = wait.number
        writeToStandardError("warning: rank \(rank): \(sentence(wait)); ends after \(durationText(limit))\n")
      }
    }
  }

  private func sentence(_ wait: WaitBoard.Wait) -> String {
    let missing = wait.missingRanks.map { String($0) }.joined(separator: ", ")
    return "has waited \(durationText(wait.seconds)) in '\(wait.label)' (\(wait.operation), call \(wait.number)) for "
      + (missing.isEmpty ? "other nodes" : "rank \(missing)")
  }
}
