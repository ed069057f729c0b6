internal import Glibc
internal import Synchronization

/// Standard error of this process. What nobody reads is kept until the end of the process, and then for a few seconds more.
private enum StandardError {
  static let queue = Mutex(MessageQueue(descriptor: STDERR_FILENO))
  /// What was said last is often why the process ends.
  static let flushesAtExit: Void = { atexit { flushStandardError() } }()
}

/// In one call, so that lines of several ranks do not mix. Never waits for a reader who has stopped reading, as what saves a
/// run speaks too.
@Sendable public func writeToStandardError(_ text: String) { writeToStandardError(bytes: Array(text.utf8)) }

/// The same for text that may be cut anywhere.
public func writeToStandardError(bytes: [UInt8]) {
  StandardError.flushesAtExit
  StandardError.queue.withLock { $0.add(bytes) }
}

/// Gives the reader of standard error five seconds for what was not read yet. `exit` does that; `_exit` does not.
public func flushStandardError() { StandardError.queue.withLock { $0.flush(seconds: 5) } }
