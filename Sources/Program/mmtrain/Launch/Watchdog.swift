internal import CProcess
internal import Collectives
internal import Glibc
internal import Reporting

/// Ends a run that waits for a rank which will not come: stopped, stuck, on a machine that is gone. MPI itself waits for
/// ever.
///
/// A thread of its own looks at the board once a second. It makes no MPI call: it says what this rank waits for and who is
/// missing, shows the stacks, and ends the process; mpirun then ends the others and passes the code on.
final class Watchdog: Sendable {
  private let board: WaitBoard
  private let rank: Int
  /// Seconds in one call after which the run ends; a tenth of it warns.
  private let limit: Double

  init(_ board: WaitBoard, rank: Int, limit: Double) {
    (self.board, self.rank, self.limit) = (board, rank, limit)
  }

  /// The limit that `MMTRAIN_HANG_SECONDS` names, or ten minutes; nil for 0 and for infinity, which wait for ever.
  static func limit(_ environment: (String) -> String?) -> Double? {
    let named = environment("MMTRAIN_HANG_SECONDS").flatMap { Double($0) } ?? 600
    return named > 0 && named.isFinite ? min(named, 1e9) : nil
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

  /// Seconds are counted by its own looks: a process that was stopped did not wait meanwhile, and accuses nobody when it
  /// goes on.
  private func watch() {
    var (call, looks) = (-1, 0)
    while true {
      sleep(1)
      guard let wait = board.current else { continue }
      looks = wait.number == call ? looks + 1 : 0
      call = wait.number
      if Double(looks) >= limit {
        let words = sentence(wait, seconds: looks)
        // Looking at threads may itself get stuck in what they hold: the end comes all the same.
        mmt_exit_after(20, ExitCode.hang.rawValue)
        writeThreadStacks(rank: rank)
        writeToStandardError("error: rank \(rank): \(words); ending the run. \(advice(wait))\n")
        flushStandardError()
        _exit(ExitCode.hang.rawValue)
      }
      if looks == max(1, Int(limit / 10)) {
        writeToStandardError(
          "warning: rank \(rank): \(sentence(wait, seconds: looks)); ends after \(durationText(limit))\n")
      }
    }
  }

  private func sentence(_ wait: WaitBoard.Wait, seconds: Int) -> String {
    let missing = wait.missingRanks.map { String($0) }.joined(separator: ", ")
    return
      "has waited \(durationText(Double(seconds))) in '\(wait.label)' (\(wait.operation), call \(wait.number)) for "
      + (missing.isEmpty ? wait.isStart ? "the other ranks" : "other nodes" : "rank \(missing)")
  }

  private func advice(_ wait: WaitBoard.Wait) -> String {
    wait.isStart
      ? "Look whether all machines are up; where they have several networks, name the one that joins them: "
        + "OMPI_MCA_btl_tcp_if_include=eth0 (docs/launch.md)"
      : "Look at that machine, then run again"
  }
}
