internal import Foundation
internal import Glibc
internal import Reporting
internal import Synchronization

/// Ends a process that is asked to stop (SIGINT, SIGTERM) with words and the code 75, which tells a script to run it again.
/// For work that loses nothing by being cut off anywhere.
package enum LastWords {
  private static let isStopped = Atomic<Bool>(false)

  /// To be called once. A second SIGINT ends the process at once.
  package static func set(_ words: String) {
    _ = isStopped.load(ordering: .relaxed)  // made now, not inside a handler
    // Who started us may have asked for a signal to be passed over, as nohup does.
    for signal in [SIGINT, SIGTERM] where !isIgnored(signal) {
      var action = sigaction()
      // Libraries have threads of their own, on any of which this may run: so it only sets a flag.
      action.__sigaction_handler.sa_handler = { _ in LastWords.isStopped.store(true, ordering: .relaxed) }
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
      sigaction(signal, &action, nil)
    }
    Thread.detachNewThread {
      while !isStopped.load(ordering: .relaxed) { usleep(20_000) }
      writeToStandardError("\n\(words)\n")
      flushStandardError()
      _exit(ExitCode.stoppedOnRequest.rawValue)
    }
  }
}

private func isIgnored(_ signal: Int32) -> Bool {
  var action = sigaction()
  sigaction(signal, nil, &action)
  return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1  // SIG_IGN
}
