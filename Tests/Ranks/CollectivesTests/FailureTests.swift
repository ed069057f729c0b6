import Collectives
import Reporting
import Synchronization
import Testing

private struct PlannedFailure: Error, Equatable {}

/// What happens to the other ranks when one does not do what they do: an error, never a hang.
@Suite(.serialized, .timeLimit(.minutes(1))) struct FailureTests {
  @Test(arguments: [nil, 2, 1])
  func oneRankThrows(nodeSize: Int?) {
    #expect(throws: PlannedFailure()) {
      try InProcessCommunicator.run(ranks: 4, nodeSize: nodeSize) { communicator in
        try communicator.barrier("before")
        if communicator.rank == 2 { throw PlannedFailure() }
        try communicator.barrier("after")
      }
    }
  }

  @Test func othersSayWhoFailed() throws {
    let seen = Mutex<[String]>([])
    #expect(throws: PlannedFailure()) {
      try InProcessCommunicator.run(ranks: 3) { communicator in
        if communicator.rank == 1 { throw PlannedFailure() }
        do {
          try communicator.barrier("gradients")
        } catch {
          seen.withLock { $0.append("\(error)") }
          throw error
        }
      }
    }
    let lines = seen.withLock { $0 }
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.contains("'gradients'") && $0.contains("rank 1 ended with an error") })
  }

  @Test(arguments: [nil, 2, 1])
  func oneRankBringsAnotherCount(nodeSize: Int?) {
    disagreement(nodeSize) { communicator in
      var values = [Float](repeating: 1, count: communicator.rank == 3 ? 4 : 3)
      try values.withUnsafeMutableBufferPointer { try communicator.allReduce($0, .sum, "loss") }
    }
  }

  @Test(arguments: [nil, 2])
  func oneRankMakesAnotherCall(nodeSize: Int?) {
    disagreement(nodeSize) { communicator in
      var value: [Int64] = [1]
      if communicator.rank == 0 { return try communicator.barrier("checkpoint") }
      try value.withUnsafeMutableBufferPointer { try communicator.allReduce($0, .maximum, "stop?") }
    }
  }

  @Test func oneRankUsesAnotherReduction() {
    disagreement(nil) { communicator in
      var value: [Double] = [1]
      try value.withUnsafeMutableBufferPointer {
        try communicator.allReduce($0, communicator.rank == 1 ? .sum : .maximum, "norm")
      }
    }
  }

  @Test(arguments: [nil, 2])
  func oneRankEndsEarly(nodeSize: Int?) {
    disagreement(nodeSize) { communicator in
      if communicator.rank == 3 { return }
      try communicator.barrier("one step more")
    }
  }

  private func disagreement(_ nodeSize: Int?, _ body: @escaping @Sendable (any Communicator) throws -> Void) {
    let error = #expect(throws: CollectiveError.self) {
      try InProcessCommunicator.run(ranks: 4, nodeSize: nodeSize, body)
    }
    #expect(error?.exitCode == .ranksDisagree)
    #expect(error?.description.contains("came to") == true)
  }

  @Test func missingRanksCanBeAskedFor() throws {
    let board = Mutex<WaitBoard?>(nil)
    let seen = try InProcessCommunicator.run(ranks: 3) { communicator -> WaitBoard.Wait? in
      if communicator.rank == 0 { board.withLock { $0 = communicator.waits } }
      var found: WaitBoard.Wait?
      // Rank 1 comes last, when it has seen that rank 0 waits for it alone.
      while communicator.rank == 1 && found == nil {
        guard let wait = board.withLock({ $0 })?.current, wait.missingRanks == [1] else { continue }
        found = wait
      }
      try communicator.barrier("epoch 3")
      return found
    }
    #expect(seen[1]?.label == "epoch 3")
    #expect(seen[1]?.operation == "barrier")
    #expect(try InProcessCommunicator.run(ranks: 2) { $0.waits.current == nil } == [true, true])
  }
}
