internal import Foundation
public import Reporting
internal import Synchronization

/// Runs `work` on the ranks where `isMine`, while the others wait. It may take however long it gets on: all ranks meet twice a
/// second until it is done everywhere, so that nobody's wait becomes a hang. How far it is stands on every rank's board, where a
/// watchdog sees that it does not get on. Collective.
/// - Returns: what came out on this rank; nil where there was nothing to do.
/// - Throws: what went wrong with this rank's work.
public func withOthersWaiting<Result: Sendable>(
  _ what: String, _ communicator: any Communicator, isMine: Bool,
  _ work: @escaping @Sendable (WorkProgress) throws -> Result
) throws -> Result? {
  let progress = WorkProgress()
  guard communicator.size > 1 else { return isMine ? try work(progress) : nil }
  let task = isMine ? BackgroundWork { try work(progress) } : nil
  defer { communicator.waits.work = nil }
  var seconds = 0.01
  while true {
    let isBusy = isMine && task?.outcome == nil
    let counts = try fromAllRanks(isBusy ? 1 + progress.count : 0, what, communicator)
    let ranks = counts.indices.filter { counts[$0] > 0 }
    guard !ranks.isEmpty else { break }
    communicator.waits.work = WaitBoard.Work(
      label: what, ranks: ranks, progress: counts.reduce(0, &+), place: isBusy ? progress.place : nil)
    Thread.sleep(forTimeInterval: seconds)
    seconds = min(0.5, seconds * 2)
  }
  return try task?.outcome?.get()
}

private func fromAllRanks(_ count: Int, _ what: String, _ communicator: any Communicator) throws -> [Int] {
  var counts = [Int64](repeating: 0, count: communicator.size)
  counts[communicator.rank] = Int64(count)
  try counts.withUnsafeMutableBufferPointer { try communicator.allReduce($0, .sum, what) }
  return counts.map { Int($0) }
}

/// How far a piece of work is.
public final class WorkProgress: Sendable {
  private let state = Mutex((count: 0, place: "its beginning"))

  /// To be called each time that the work gets on, from any thread.
  /// - Parameter place: where it is, for a person to read should it stay there.
  public func advance(_ place: String) {
    state.withLock { $0 = ($0.count + 1, place) }
  }

  /// The same output, whose every sign of life counts.
  public func witnessing(_ output: ProgressOutput) -> ProgressOutput {
    var output = output
    output.witness = advance
    return output
  }

  var count: Int { state.withLock { $0.count } }
  var place: String { state.withLock { $0.place } }
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
