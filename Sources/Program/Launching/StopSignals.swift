internal import Glibc

/// What a signal means that somebody sends to the process which looks after the ranks.
///
/// The first one asks the ranks to save and stop. Whoever presses Ctrl-C twice within three seconds, or sends a second
/// SIGTERM, does not want to wait for that.
package struct StopSignals {
  package enum Meaning: Equatable {
    /// Ask the ranks to save and stop.
    case stop
    /// End them now.
    case end
    /// The same signal once more: programs such as `timeout` send it to a process and again to its group.
    case echo
    /// Ctrl-Z at the terminal: let them rest until this process is continued.
    case pause
  }

  /// Those that are collected; SIGCHLD says that a process ended.
  static let collected = [SIGINT, SIGTERM, SIGUSR1, SIGHUP, SIGTSTP, SIGCHLD]

  private static let secondInterrupt = 3.0
  private static let echo = 0.1

  private var interrupted: Double?
  private var terminated: Double?
  /// The last one that meant something.
  private(set) var last: Int32?

  package init() {}

  /// - Parameter time: seconds on a clock that never jumps.
  package mutating func meaning(of signal: Int32, at time: Double) -> Meaning {
    if signal == SIGTSTP { return .pause }
    let before = signal == SIGINT ? interrupted : signal == SIGTERM ? terminated : nil
    if let before, time - before < Self.echo { return .echo }
    if signal == SIGINT { interrupted = time }
    if signal == SIGTERM { terminated = time }
    last = signal
    guard let before else { return .stop }
    return signal == SIGTERM || time - before <= Self.secondInterrupt ? .end : .stop
  }
}
