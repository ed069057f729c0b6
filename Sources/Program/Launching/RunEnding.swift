internal import Glibc
internal import Reporting

/// How a job of ranks ended, as one who looked on can tell it.
package struct RunEnding {
  /// The job's exit code: a rank's own, 128 and the number of the signal that killed it, or mpirun's.
  package var code: Int32
  package var endings: [RankEnding] = []
  /// The first `error:` line, and whether others complained after it.
  package var firstError: String?
  package var firstErrorIsBuried = false
  /// What mpirun's own message means.
  package var explanation: String?
  /// Somebody asked for the end: to save and stop, or at once.
  package var isRequested = false
  package var isAtOnce = false
  /// The ranks were gone and mpirun was not, so that it was ended.
  package var isDeserted = false
  /// By what ssh, or a program in its place, says that a machine cannot be reached.
  package var unreachable: String?
  /// The newest step since the start.
  package var step: Int?
  package var checkpointStep: Int?
  package var memory: MemoryVerdict?

  package init(code: Int32) { self.code = code }

  /// The last line of the run: why it ended, in words, and what to do; nil where the ranks have said it.
  package var lastWords: String? {
    if isAtOnce { return "ended at once, as asked; \(whereToGoOn)" }
    switch code {
    case ExitCode.success.rawValue: return nil
    case ExitCode.stoppedOnRequest.rawValue where step == nil && isRequested && firstError == nil:
      return "stopped before the first step; the same command begins again"
    case ExitCode.stoppedOnRequest.rawValue: return nil
    default: break
    }
    if let unreachable {
      return
        "error: a machine cannot be reached: \(printable(unreachable)). From here 'ssh MACHINE true' must work for "
        + "each machine, without a password or a question; mend that, or leave the machine out of the hostfile"
    }
    if isDeserted, code > 128, endings.isEmpty {
      return "error: the ranks of this machine are gone \(place) and did not say why; mpirun stayed and was ended. "
        + capitalized(whereToGoOn)
    }
    if let killed {
      return "error: \(killed)" + (memory.map { "; " + words($0) } ?? "") + ". " + capitalized(whereToGoOn)
    }
    if let firstError { return firstErrorIsBuried ? printable(firstError, limit: 2000) : nil }
    if let ended { return "error: \(ended)" }
    if let explanation { return "error: mpirun could not start the ranks: \(explanation)" }
    return "error: mpirun ended with \(code) and did not say why"
  }

  private var killed: String? {
    for case .signal(let rank, let host, let number) in endings {
      return "rank \(rank) on \(printable(host)) was killed by signal \(signalText(number)) \(place)"
    }
    for case .lostHost(let host) in endings { return "the machine \(printable(host)) was lost \(place)" }
    return code > 128 && code < 128 + 65 ? "mpirun was killed by signal \(signalText(code - 128)) \(place)" : nil
  }

  private var ended: String? {
    for ending in endings {
      switch ending {
      case .exit(let rank, let code), .aborted(let rank, let code):
        let name = ExitCode(rawValue: code).map { " (\($0))" } ?? ""
        return "rank \(rank) ended with \(code)\(name) \(place) and did not say why"
      case .signal, .lostHost: continue
      }
    }
    return nil
  }

  private var place: String { step.map { "after step \($0)" } ?? "before its first step was done" }

  private var whereToGoOn: String {
    guard let checkpointStep else { return "no checkpoint was made yet: the same command begins again" }
    return "the same command goes on from the checkpoint of step \(checkpointStep)"
  }

  /// Which memory, of how much, and what takes less.
  private func words(_ memory: MemoryVerdict) -> String {
    let here = memory.ranks.count == 1 ? "its rank" : "the \(memory.ranks.count) ranks here"
    return (memory.isCertain ? "the kernel ran out of memory" : "likely out of memory")
      + ": \(here) held \(gigabytes(memory.total)) of \(gigabytes(memory.limit)) GB"
      + (memory.isGranted ? " that the control group grants" : "")
      + " (\(memory.ranks.map { "rank \($0.number): \(gigabytes($0.resident))" }.joined(separator: ", ")))"
      + "; a smaller batch.global or batch.micro, memory.recompute: blocks, or fewer ranks take less"
  }
}

/// `9 (SIGKILL)`.
private func signalText(_ number: Int32) -> String {
  let names: [Int32: String] = [
    SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP", SIGABRT: "SIGABRT",
    SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1", SIGSEGV: "SIGSEGV",
    SIGUSR2: "SIGUSR2", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU",
    SIGXFSZ: "SIGXFSZ", SIGSYS: "SIGSYS",
  ]
  return "\(number)" + (names[number].map { " (\($0))" } ?? "")
}

private func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
