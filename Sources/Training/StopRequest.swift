internal import Glibc
internal import Synchronization

/// Whether somebody asked this process to stop: SIGINT, SIGTERM or SIGUSR1.
///
/// The handler only sets a flag. The loop looks at it once a step, together with all other ranks, so that every rank
/// stops after the same step. A second SIGINT ends the process at once; the checkpoint before stays whole.
public enum StopRequest {
  private static let flag = Atomic<Bool>(false)

  /// Takes over the signals; to be called once, before training.
  public static func install() {
    _ = flag.load(ordering: .relaxed)  // made now, not inside a handler
    // A parent may have blocked them, and a blocked signal never arrives.
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGUSR1] { sigaddset(&signals, signal) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    for signal in [SIGINT, SIGTERM, SIGUSR1] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in StopRequest.flag.store(true, ordering: .relaxed) }
      action.sa_flags = signal == SIGINT ? Int32(bitPattern: UInt32(SA_RESETHAND)) : 0
      sigaction(signal, &action, nil)
    }
  }

  static var isMade: Bool { flag.load(ordering: .relaxed) }
}
