internal import Foundation
internal import Glibc
internal import Reporting

/// From now on SIGINT or SIGTERM makes the process say `words` and end with 75, which tells a script to run it again. For
/// work that loses nothing by being cut off anywhere. To be called before other threads are started.
func onStopSay(_ words: String) {
  var signals = sigset_t()
  sigemptyset(&signals)
  // Who started us may have asked for a signal to be passed over, as nohup does.
  for signal in [SIGINT, SIGTERM] where !isIgnored(signal) { sigaddset(&signals, signal) }
  // Threads that start from here on inherit this: the signals are for the one that waits.
  pthread_sigmask(SIG_BLOCK, &signals, nil)
  Thread.detachNewThread { [signals] in
    var awaited = signals
    var signal: Int32 = 0
    while sigwait(&awaited, &signal) != 0 {}
    writeToStandardError("\n\(words)\n")
    _exit(ExitCode.stoppedOnRequest.rawValue)
  }
}

private func isIgnored(_ signal: Int32) -> Bool {
  var action = sigaction()
  sigaction(signal, nil, &action)
  return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1  // SIG_IGN
}
