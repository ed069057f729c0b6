internal import Foundation
internal import Synchronization

/// Runs `work` on the ranks where `isMine`, while the others wait. It may take however long it gets on: all ranks meet twice a
/// second until it is done everywhere, so that nobody's wait becomes a hang. What can get stuck in it needs a limit of its own,
/// as downloads have. Collective.
/// - Returns: what came out on this rank; nil where there was nothing to do.
/// - Throws: what went wrong with this rank's work.
public func withOthersWaiting<Result: Sendable>(
  _ what: String, _ communicator: any Communicator, isMine: Bool, _ work: @escaping @Sendable () throws -> Result
) throws -> Result? {
  guard communicator.size > 1 else { return isMine ? try work() : nil }
  let task = isMine ? BackgroundWork(work) : nil
  var seconds = 0.01
  while try isBusy(task?.outcome == nil && isMine, what, communicator) {
    Thread.sleep(forTimeInterval: seconds)
    seconds = min(0.5, seconds * 2)
  }
  return try task?.outcome?.get()
}

private func isBusy(_ here: Bool, _ what: String, _ communicator: any Communicator) throws -> Bool {
  var flag: Int64 = here ? 1 : 0
  try withUnsafeMutablePointer(to: &flag) {
    try communicator.allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), .maximum, what)
  }
  return flag != 0
}

/// Work on a thread of its own.
private final class BackgroundWork<Value: Sendable>: Sendable {
  private let state = Mutex<Result<Value, any Error>?>(nil)

  init(_ work: @escaping @Sendable () throws -> Value) {
    let thread = Thread { [self] in
      let outcome = Result { try work() }
      state.withLock { $0 = outcome }
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  var outcome: Result<Value, any Error>? { state.withLock { $0 } }
}
