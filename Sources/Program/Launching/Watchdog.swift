internal import CProcess
internal import Collectives
internal import Glibc
internal import Reporting

/// Ends a run that waits for a rank which will not come: stopped, stuck, on a machine that is gone; or for work of one that
/// does not get on. MPI itself waits for ever.
///
/// A thread of its own looks at the board once a second. It makes no MPI call: it says what this rank waits for and who is
/// missing, shows the stacks, and ends the process; mpirun then ends the others and passes the code on.
package final class Watchdog: Sendable {
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

  package func start() {
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
    var (call, work) = (Stillness(), Stillness())
    while true {
      sleep(1)
      if let wait = board.current {
        let seconds = call.look(at: String(wait.number))
        judge(seconds, sentence(wait, seconds), advice(wait))
      }
      if let current = board.work {
        look(at: current, seconds: work.look(at: "\(current.label) \(current.progress)"))
      } else {
        work = Stillness()
      }
    }
  }

  /// Who is at the work speaks; the others do where that one cannot even end, as a process that its disk holds.
  private func look(at work: WaitBoard.Work, seconds: Int) {
    if let place = work.place {
      let words =
        "'\(work.label)' has not got on for \(durationText(Double(seconds))), at: \(printable(place, limit: 300))"
      judge(seconds, words, "Look at the disk and the network of this machine, then run again")
    } else if Double(seconds) >= limit + 5 {
      let ranks = work.ranks.map { String($0) }.joined(separator: ", ")
      let words = "has waited \(durationText(Double(seconds))) for rank \(ranks), whose '\(work.label)' does not get on"
      end(words, "Look at that machine, then run again")
    }
  }

  private func judge(_ seconds: Int, _ words: @autoclosure () -> String, _ advice: @autoclosure () -> String) {
    if Double(seconds) >= limit { end(words(), advice()) }
    if seconds == max(1, Int(limit / 10)) {
      writeToStandardError("warning: rank \(rank): \(words()); ends after \(durationText(limit))\n")
    }
  }

  private func end(_ words: String, _ advice: String) -> Never {
    // Looking at threads may itself get stuck in what they hold: the end comes all the same.
    mmt_exit_after(20, ExitCode.hang.rawValue)
    writeThreadStacks(rank: rank)
    writeToStandardError("error: rank \(rank): \(words); ending the run. \(advice)\n")
    flushStandardError()
    _exit(ExitCode.hang.rawValue)
  }

  private func sentence(_ wait: WaitBoard.Wait, _ seconds: Int) -> String {
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

/// For how long something has been the same. Seconds are counted by the looks of who watches: a process that was stopped did not
/// wait meanwhile, and accuses nobody when it goes on.
private struct Stillness {
  private var seen: String?
  private var looks = 0

  /// Seconds since this was seen first; to be called once a second.
  mutating func look(at sight: String) -> Int {
    looks = sight == seen ? looks + 1 : 0
    seen = sight
    return looks
  }
}
