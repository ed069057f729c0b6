internal import Glibc
internal import Synchronization

/// Whether somebody has asked this process to end: SIGINT, SIGTERM. The handler sets a flag, which whoever works looks at; a second
/// SIGINT ends the process at once.
public enum StopFlag {
  private static let flag = Atomic<Bool>(false)

  /// To be called once. What whoever started the process has had ignored stays ignored.
  public static func install() {
    _ = flag.load(ordering: .relaxed)  // made now, not inside a handler
    for signal in [SIGINT, SIGTERM] where !isIgnored(signal) {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in StopFlag.flag.store(true, ordering: .relaxed) }
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
      sigaction(signal, &action, nil)
    }
  }

  public static var isSet: Bool { flag.load(ordering: .relaxed) }

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    sigaction(signal, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1  // SIG_IGN
  }
}
