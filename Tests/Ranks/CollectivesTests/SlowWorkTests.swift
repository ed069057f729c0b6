import Collectives
import Foundation
import Synchronization
import Testing

@Suite(.serialized) struct SlowWorkTests {
  /// What a watchdog looks at: how long a rank has been in its call.
  @Test func nobodyIsInOneCallForLong() throws {
    let longest = try InProcessCommunicator.run(ranks: 3, nodeSize: 2) { communicator -> Double in
      let board = communicator.waits
      let longest = Mutex(0.0)
      let looker = Looker { longest.withLock { $0 = max($0, board.current?.seconds ?? 0) } }
      let result = try withOthersWaiting("a download", communicator, isMine: communicator.rank == 1) { _ in
        Thread.sleep(forTimeInterval: 3)
        return 7
      }
      #expect(result == (communicator.rank == 1 ? 7 : nil))
      looker.end()
      return longest.withLock { $0 }
    }
    #expect(longest.allSatisfy { $0 < 2 }, "waits of half a second, but one of \(longest)")
  }

  /// What tells slow work from work that is stuck.
  @Test func howFarTheWorkIsStandsOnEveryBoard() throws {
    let boards = try InProcessCommunicator.run(ranks: 3) { communicator -> [WaitBoard.Work] in
      let board = communicator.waits
      let seen = Mutex<[WaitBoard.Work]>([])
      let looker = Looker {
        if let work = board.work { seen.withLock { $0.append(work) } }
      }
      _ = try withOthersWaiting("a download", communicator, isMine: communicator.rank == 1) { progress in
        for place in ["one", "two", "three"] {
          progress.advance(place)
          Thread.sleep(forTimeInterval: 1.2)
        }
      }
      looker.end()
      #expect(board.work == nil)
      return seen.withLock { $0 }
    }
    for (rank, works) in boards.enumerated() {
      #expect(works.allSatisfy { $0.label == "a download" && $0.ranks == [1] })
      #expect(Set(works.map(\.progress)).isSuperset(of: [2, 3, 4]), "rank \(rank)")
      #expect(Set(works.map(\.place)).isSuperset(of: rank == 1 ? ["one", "two", "three"] : [nil]), "rank \(rank)")
    }
  }

  @Test func failureIsThatOfTheRankWhichFailed() {
    struct Failure: Error {}
    #expect(throws: Failure.self) {
      _ = try InProcessCommunicator.run(ranks: 2) { communicator in
        _ = try withOthersWaiting("a download", communicator, isMine: communicator.rank == 1) { _ in throw Failure() }
        try communicator.barrier("afterwards")
      }
    }
  }

  @Test func oneRankNeedsNoThread() throws {
    let thread = pthread_self()
    let isHere = try withOthersWaiting("work", SoloCommunicator(), isMine: true) { _ in pthread_self() }
    #expect(isHere == thread)
    #expect(try withOthersWaiting("work", SoloCommunicator(), isMine: false) { _ in 1 } == nil)
  }
}

/// Looks again and again, from a thread of its own, until told to end.
private final class Looker: Sendable {
  private let isOver = Atomic(false)

  init(_ look: @escaping @Sendable () -> Void) {
    Thread.detachNewThread { [self] in
      while !isOver.load(ordering: .relaxed) {
        look()
        usleep(5000)
      }
    }
  }

  func end() { isOver.store(true, ordering: .relaxed) }
}
