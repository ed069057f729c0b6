import Collectives
import Foundation
import Synchronization
import Testing

@Suite(.serialized) struct SlowWorkTests {
  /// What a watchdog looks at: how long a rank has been in its call.
  @Test func nobodyIsInOneCallForLong() throws {
    let longest = try InProcessCommunicator.run(ranks: 3, nodeSize: 2) { communicator -> Double in
      let look = LongestWait(communicator.waits)
      let result = try withOthersWaiting("a download", communicator, isMine: communicator.rank == 1) {
        Thread.sleep(forTimeInterval: 3)
        return 7
      }
      #expect(result == (communicator.rank == 1 ? 7 : nil))
      return look.end()
    }
    #expect(longest.allSatisfy { $0 < 2 }, "waits of half a second, but one of \(longest)")
  }

  @Test func failureIsThatOfTheRankWhichFailed() {
    struct Failure: Error {}
    #expect(throws: Failure.self) {
      _ = try InProcessCommunicator.run(ranks: 2) { communicator in
        _ = try withOthersWaiting("a download", communicator, isMine: communicator.rank == 1) { throw Failure() }
        try communicator.barrier("afterwards")
      }
    }
  }

  @Test func oneRankNeedsNoThread() throws {
    let thread = pthread_self()
    let isHere = try withOthersWaiting("work", SoloCommunicator(), isMine: true) { pthread_self() }
    #expect(isHere == thread)
    #expect(try withOthersWaiting("work", SoloCommunicator(), isMine: false) { 1 } == nil)
  }
}

/// Looks at a board, from a thread of its own, until told to end.
private final class LongestWait: Sendable {
  private let seconds = Mutex(0.0)
  private let isOver = Atomic(false)

  init(_ board: WaitBoard) {
    Thread.detachNewThread { [self] in
      while !isOver.load(ordering: .relaxed) {
        let wait = board.current?.seconds ?? 0
        seconds.withLock { $0 = max($0, wait) }
        usleep(5000)
      }
    }
  }

  func end() -> Double {
    isOver.store(true, ordering: .relaxed)
    return seconds.withLock { $0 }
  }
}
