internal import Collectives
internal import Glibc
internal import Reporting
internal import Synchronization

/// Whether somebody asked this process to stop: SIGINT, SIGTERM, SIGUSR1, or SIGHUP where a terminal was closed.
///
/// The handler only sets a flag. The loop looks at it once a step, together with all other ranks, so that every rank
/// stops after the same step. Before the run has begun there is nothing to save, and a request ends the process at once. A
/// second SIGINT does so at any time; the checkpoint before stays whole.
public enum StopRequest {
  /// How soon the process may be killed.
  enum Urgency: Int64 {
    /// Nobody asked.
    case none = 0
    /// There is time to save: SIGUSR1, SIGINT, SIGHUP.
    case save = 1
    /// The launcher kills soon after its SIGTERM.
    case hurry = 2
  }

  private static let flag = Atomic<Int64>(0)
  /// Nanoseconds on the clock that nobody sets, when a SIGTERM came.
  private static let time = Atomic<Int64>(0)

  private static let signals = [SIGINT, SIGTERM, SIGUSR1, SIGHUP]

  /// Takes over the signals; to be called once, before training. Those that whoever started this process has had ignored, as
  /// nohup does, stay ignored.
  /// - Parameter words: the last line where a request comes before the run has begun; nil where others say it.
  public static func install(endingWith words: String? = nil) {
    _ = (flag.load(ordering: .relaxed), time.load(ordering: .relaxed))  // made now, not inside a handler
    let taken = signals.filter { !isIgnored($0) }
    // A parent may have blocked them, and a blocked signal never arrives.
    var unblocked = sigset_t()
    sigemptyset(&unblocked)
    for signal in taken { sigaddset(&unblocked, signal) }
    pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
    for signal in taken {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { StopRequest.note($0) }
      action.sa_flags = signal == SIGINT ? Int32(bitPattern: UInt32(SA_RESETHAND)) : 0
      sigaction(signal, &action, nil)
    }
    EarlyStop.watch(endingWith: words)
  }

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    sigaction(signal, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1  // SIG_IGN
  }

  /// Makes only calls that a handler may make.
  private static func note(_ signal: Int32) {
    guard signal == SIGTERM else {
      if flag.load(ordering: .relaxed) == 0 { flag.store(Urgency.save.rawValue, ordering: .relaxed) }
      return
    }
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    if time.load(ordering: .relaxed) == 0 {
      time.store(Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec), ordering: .relaxed)
    }
    flag.store(Urgency.hurry.rawValue, ordering: .relaxed)
  }

  static var urgency: Urgency { Urgency(rawValue: flag.load(ordering: .relaxed)) ?? .save }

  /// Since a SIGTERM came.
  static var secondsSinceTermination: Double {
    let then = time.load(ordering: .relaxed)
    return then == 0 ? 0 : monotonicSeconds() - Double(then) * 1e-9
  }
}

/// Whether there is time for a checkpoint before a launcher kills what it has sent SIGTERM.
struct StopGrace {
  /// Seconds from the launcher's SIGTERM to its SIGKILL; nil where there is no hurry.
  let seconds: Double?

  /// The decision of rank 0 on all ranks. Collective.
  /// - Parameter saveSeconds: what a save is expected to take.
  func allowsSave(_ saveSeconds: Double, _ communicator: any Communicator) throws -> Bool {
    let rest = (seconds ?? .infinity) - StopRequest.secondsSinceTermination
    return try !communicator.any(communicator.rank == 0 && saveSeconds > 0.8 * rest, "time to save")
  }
}
