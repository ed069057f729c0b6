import Collectives
import Testing

@Suite struct SoloTests {
  @Test func selfTest() throws {
    #expect(try runCollectiveSelfTest(SoloCommunicator()).count == 10)
  }

  @Test func callsThatNoRankCouldAnswer() {
    let solo = SoloCommunicator()
    var bytes: [UInt8] = [1, 2, 3]
    bytes.withUnsafeMutableBytes { bytes in
      #expect(throws: CollectiveError.self) { try solo.broadcast(bytes, root: 1, "weights") }
      #expect(throws: CollectiveError.self) {
        try solo.allGather(UnsafeRawBufferPointer(bytes), into: bytes, counts: [1, 2], "features")
      }
    }
    #expect(throws: CollectiveError.self) { try solo.makeSharedArena(count: -1, "gradients") }
    #expect(throws: CollectiveError.self) { try solo.makeSharedArena(count: 8, "gradients").sumOverRanks(4..<9, "sum") }
  }
}

@Suite(.serialized) struct InProcessTests {
  @Test(arguments: [1, 2, 3, 4, 6])
  func selfTestOnOneNode(ranks: Int) throws {
    let lines = try InProcessCommunicator.run(ranks: ranks) { try runCollectiveSelfTest($0) }
    #expect(lines.count == ranks)
    #expect(lines.allSatisfy { $0.count == 10 })
  }

  @Test(arguments: [(4, 2), (3, 2), (3, 1), (5, 2)])
  func selfTestOnSeveralNodes(ranks: Int, nodeSize: Int) throws {
    let lines = try InProcessCommunicator.run(ranks: ranks, nodeSize: nodeSize) { try runCollectiveSelfTest($0) }
    #expect(lines.count == ranks)
  }

  @Test func resultsComeInRankOrder() throws {
    let places = try InProcessCommunicator.run(ranks: 5, nodeSize: 2) { ($0.rank, $0.size, $0.place) }
    #expect(places.map(\.0) == [0, 1, 2, 3, 4])
    #expect(places.allSatisfy { $0.1 == 5 })
    #expect(places.map(\.2.node) == [0, 0, 1, 1, 2])
  }

  @Test func manyMeetings() throws {
    let sums = try InProcessCommunicator.run(ranks: 4) { communicator in
      var total: Int64 = 0
      for step in 0..<2000 {
        var value = Int64(step * (communicator.rank + 1))
        try withUnsafeMutablePointer(to: &value) {
          try communicator.allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), .sum, "step")
        }
        total += value
      }
      return total
    }
    #expect(sums == .init(repeating: 19_990_000, count: 4))
  }

  @Test func callsWithWrongCounts() throws {
    let refused = try InProcessCommunicator.run(ranks: 2) { communicator in
      var all = [UInt8](repeating: 0, count: 7)
      do {
        try all.withUnsafeMutableBytes { all in
          let mine = UnsafeRawBufferPointer(rebasing: all[..<3])
          try communicator.allGather(mine, into: all, counts: [3, 3], "features")
        }
        return false
      } catch CollectiveError.wrongArgument(let label, _) {
        return label == "features"
      }
    }
    #expect(refused == [true, true])
  }

  @Test func sharesOfCommunicationTime() throws {
    let seconds = try InProcessCommunicator.run(ranks: 2) { communicator in
      try communicator.barrier("b")
      return communicator.waits.secondsInCalls
    }
    #expect(seconds.allSatisfy { $0 > 0 })
  }

  @Test func measurement() throws {
    let measured = try InProcessCommunicator.run(ranks: 2) {
      try measureAllReduce($0, byteCount: 1 << 16, repetitions: 3)
    }
    #expect(measured[0] == measured[1])
    #expect(measured[0].ranks == 2)
    #expect(measured[0].arena.best > 0)
    #expect(measured[0].library == nil)
  }
}
