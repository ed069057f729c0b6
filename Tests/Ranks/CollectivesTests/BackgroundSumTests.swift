import Collectives
import Synchronization
import TestSupport
import Testing

private struct PlannedFailure: Error {}

/// A thread beside each rank's own sums what that one releases, whatever the two do meanwhile.
@Suite(.serialized, .timeLimit(.minutes(1))) struct BackgroundSumTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let ranks: Int
    let nodeSize: Int?
    let wire: WireFormat
    var testDescription: String { "\(ranks) ranks, nodes of \(nodeSize ?? ranks), \(wire)" }
  }

  static let cases = [
    Case(ranks: 2, nodeSize: nil, wire: .fp32), Case(ranks: 4, nodeSize: 2, wire: .fp32),
    Case(ranks: 3, nodeSize: 2, wire: .fp32), Case(ranks: 3, nodeSize: 1, wire: .bf16),
    Case(ranks: 4, nodeSize: 2, wire: .bf16),
  ]

  private static let count = 10_007

  private static func fill(_ arena: any SharedArena, _ range: Range<Int>, rank: Int, round: Int) {
    for index in range { arena.local[index] = 1 / Float(3 + (rank * 31 + index * 17 + round) % 97) }
  }

  /// Each rank releases its arena in other pieces, and makes collective calls of its own in between.
  @Test(arguments: cases)
  func theSameBitsAsWithout(example: Case) throws {
    let equal = try InProcessCommunicator.run(ranks: example.ranks, nodeSize: example.nodeSize) { communicator in
      let plain = try communicator.makeSharedArena(count: Self.count, wire: example.wire, "plain")
      let arena = try communicator.makeSharedArena(count: Self.count, wire: example.wire, "gradients")
      let sum = try #require(try communicator.makeBackgroundSum(of: arena, bucketBytes: 4096, "gradients"))
      var isEqual = true
      for round in 0..<5 {
        Self.fill(plain, plain.local.indices, rank: communicator.rank, round: round)
        try plain.sumOwnPart("plain")
        sum.begin()
        var start = Self.count
        for piece in 1...6 {
          let next = piece == 6 ? 0 : Self.count - Self.count * piece / (6 + communicator.rank)
          Self.fill(arena, next..<start, rank: communicator.rank, round: round)
          sum.release(next..<start)
          start = next
          var values = [Float](repeating: 1, count: 2000)
          try values.withUnsafeMutableBufferPointer { try communicator.allReduce($0, .sum, "features") }
          isEqual = isEqual && values.allSatisfy { $0 == Float(communicator.size) }
        }
        try sum.finish()
        let own = arena.ownPart
        isEqual = isEqual && zip(arena.local[own], plain.local[own]).allSatisfy { $0.bitPattern == $1.bitPattern }
      }
      return isEqual
    }
    #expect(equal == .init(repeating: true, count: example.ranks))
  }

  /// Each rank releases the parts of its arena in an order of its own, in every sum another one.
  @Test func anyOrderOfParts() throws {
    let equal = try InProcessCommunicator.run(ranks: 4, nodeSize: 2) { communicator in
      let arena = try communicator.makeSharedArena(count: Self.count, "gradients")
      let sum = try #require(try communicator.makeBackgroundSum(of: arena, bucketBytes: 4096, "gradients"))
      return try (0..<6).allSatisfy { round in
        arena.local.update(repeating: .nan)
        sum.begin()
        for step in 0..<7 {
          let piece = step * (1 + (communicator.rank + round) % 6) % 7
          let part = Self.count * piece / 7..<Self.count * (piece + 1) / 7
          arena.local[part].update(repeating: Float(communicator.rank + round))
          sum.release(part)
        }
        try sum.finish()
        return arena.local[arena.ownPart].allSatisfy { $0 == Float(6 + 4 * round) }
      }
    }
    #expect(equal == [true, true, true, true])
  }

  /// Nobody waits for what is summed in the background before it asks for it: rank 0 releases all while the others have
  /// not begun, and all make other calls first.
  @Test func theRanksOwnCallsDoNotWait() throws {
    let sums = try InProcessCommunicator.run(ranks: 4, nodeSize: 2) { communicator in
      let arena = try communicator.makeSharedArena(count: 5000, "gradients")
      let sum = try #require(try communicator.makeBackgroundSum(of: arena, bucketBytes: 2048, "gradients"))
      arena.local.update(repeating: Float(communicator.rank + 1))
      sum.begin()
      if communicator.rank == 0 { sum.release(0..<5000) }
      for _ in 0..<20 { try communicator.barrier("features") }
      try sum.finish()
      return arena.local[arena.ownPart.lowerBound]
    }
    #expect(sums == [10, 10, 10, 10])
  }

  @Test(arguments: [nil, 1, 2])
  func aRankThatFailsReleasesTheOthers(nodeSize: Int?) {
    #expect(throws: PlannedFailure.self) {
      try InProcessCommunicator.run(ranks: 4, nodeSize: nodeSize) { communicator in
        let arena = try communicator.makeSharedArena(count: 5000, "gradients")
        let sum = try #require(try communicator.makeBackgroundSum(of: arena, bucketBytes: 2048, "gradients"))
        sum.begin()
        sum.release(3000..<5000)
        if communicator.rank == 2 { throw PlannedFailure() }
        try sum.finish()
      }
    }
  }

  @Test func theWaitIsNamed() throws {
    let board = Mutex<WaitBoard?>(nil)
    let seen = try InProcessCommunicator.run(ranks: 2) { communicator -> WaitBoard.Wait? in
      let arena = try communicator.makeSharedArena(count: 5000, "gradients")
      let sum = try #require(try communicator.makeBackgroundSum(of: arena, bucketBytes: nil, "gradients"))
      sum.begin()
      if communicator.rank == 0 { board.withLock { $0 = communicator.waits } }
      var found: WaitBoard.Wait?
      // Rank 1 releases nothing until it has seen that rank 0 waits for it.
      while communicator.rank == 1 && found == nil {
        guard let wait = board.withLock({ $0 })?.current, wait.missingRanks == [1] else { continue }
        found = wait
      }
      try sum.finish()
      return found
    }
    #expect(seen[1]?.label == "gradients")
    #expect(seen[1]?.operation == "sumOwnPart of 5000 floats")
  }

  @Test func oneRankHasNobodyToSumWith() throws {
    let alone = SoloCommunicator()
    #expect(alone.makeBackgroundSum(of: try alone.makeSharedArena(count: 8, "a"), bucketBytes: nil, "a") == nil)
    let none = try InProcessCommunicator.run(ranks: 1) { communicator in
      let arena = try communicator.makeSharedArena(count: 8, "gradients")
      return try communicator.makeBackgroundSum(of: arena, bucketBytes: nil, "gradients") == nil
    }
    #expect(none == [true])
  }
}
