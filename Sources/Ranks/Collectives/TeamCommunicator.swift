internal import Reporting

/// Ranks as teams of nodes: within a node through shared memory, between nodes through links. Threads and MPI processes
/// are both led by it.
package final class TeamCommunicator: Communicator {
  package let layout: RankLayout
  package let host: any TeamHost
  package let waits: WaitBoard
  let links: (any NodeLinks)?
  let team: NodeTeam
  let exchange: Exchange
  /// Through which larger arrays are summed; made when first needed.
  private var scratchArena: TeamArena?
  private var backgroundSums: [BackgroundSum] = []

  package init(
    layout: RankLayout, host: any TeamHost, links: (any NodeLinks)?, waits: WaitBoard = WaitBoard()
  ) throws {
    self.layout = layout
    self.host = host
    self.links = links
    self.waits = waits
    team = try NodeTeam(layout: layout, host: host, onTimeout: links.map { links in { links.progress() } })
    exchange = try Exchange(team: team, host: host, links: links)
    waits.setMissingRanks(team.missingRanks)
  }

  package var rank: Int { layout.rank }
  package var size: Int { layout.size }
  package var place: NodePlace { layout.place }

  package func barrier(_ label: String) throws {
    let call = Call(.barrier, label)
    try waits.during(call) { try exchange.meetEverywhere(call) }
  }

  package func broadcast(_ bytes: UnsafeMutableRawBufferPointer, root: Int, _ label: String) throws {
    guard 0..<size ~= root else { throw CollectiveError.wrongArgument(label: label, problem: "no rank \(root)") }
    let call = Call(.broadcast, count: bytes.count, detail: UInt64(root), label)
    try waits.during(call) {
      for chunk in chunks(of: bytes.count, exchange.slotBytes) {
        try exchange.spread(UnsafeMutableRawBufferPointer(rebasing: bytes[chunk]), root: root, call)
      }
    }
  }

  package func allGather(
    _ local: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, counts: [Int], _ label: String
  ) throws {
    try check(counts, local: local.count, all: all.count, label)
    let call = Call(.gather, count: all.count, detail: fingerprint(counts), label)
    try waits.during(call) {
      // A round even where nothing is brought: the ranks meet in every call.
      for chunk in chunks(of: counts.max() ?? 0, exchange.slotBytes) {
        let pieces = counts.map { chunk.clamped(to: 0..<$0) }
        let mine = UnsafeRawBufferPointer(rebasing: local[pieces[rank]])
        try exchange.gather(mine, counts: pieces.map(\.count), call) { rows in
          var start = 0
          for (other, piece) in pieces.enumerated() {
            let place = start + piece.lowerBound..<start + piece.upperBound
            UnsafeMutableRawBufferPointer(rebasing: all[place])
              .copyMemory(from: UnsafeRawBufferPointer(start: rows[other], count: piece.count))
            start += counts[other]
          }
        }
      }
    }
  }

  package func makeSharedArena(count: Int, wire: WireFormat, _ label: String) throws -> any SharedArena {
    guard count >= 0 else { throw CollectiveError.wrongArgument(label: label, problem: "\(count) floats") }
    let call = Call(.makeArena, count: count, detail: wire == .fp32 ? 0 : 1, label)
    return try waits.during(call) {
      try exchange.meetEverywhere(call)
      return try TeamArena(count: count, wire: wire, communicator: self, label)
    }
  }

  package func makeBackgroundSum(
    of arena: any SharedArena, bucketBytes: Int?, _ label: String
  ) throws -> BackgroundSum? {
    guard let arena = arena as? TeamArena, size > 1 else { return nil }
    var allowed: Int64 = host.allowsLanes ? 1 : 0
    try withUnsafeMutablePointer(to: &allowed) {
      try allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), .minimum, label)
    }
    guard allowed == 1 else { return nil }
    let lane = try host.makeLane()
    let sum = BackgroundSum(
      of: arena, lane: try TeamCommunicator(layout: layout, host: lane.host, links: lane.links), waits: waits,
      missingRanks: team.missingRanks, bucketBytes: bucketBytes, label)
    backgroundSums.append(sum)
    return sum
  }

  package func finish() throws {
    let call = Call(.finish, "end of the run")
    try waits.during(call) {
      try exchange.meetEverywhere(call)
      waits.setMissingRanks(nil)
      for sum in backgroundSums { try sum.end() }
      try host.finish()
    }
  }

  /// Lets the other ranks of the node out of their waits, with an error.
  func fail() {
    waits.setMissingRanks(nil)
    team.fail()
    for sum in backgroundSums { sum.fail() }
  }

  package func abort(_ code: Int32) -> Never {
    host.abort(code)
  }

  /// Floats that `scratch` holds: what a sum of a larger array takes at a time.
  static let scratchFloats = 1 << 19

  /// The arena for sums of arrays that do not lie in one.
  func scratch(_ label: String) throws -> TeamArena {
    if let scratchArena { return scratchArena }
    let arena = try TeamArena(count: Self.scratchFloats, wire: .fp32, communicator: self, label)
    scratchArena = arena
    return arena
  }

  func check(_ counts: [Int], local: Int, all: Int, _ label: String) throws(CollectiveError) {
    guard counts.count == size, counts.allSatisfy({ $0 >= 0 }) else {
      throw .wrongArgument(label: label, problem: "\(counts.count) counts for \(size) ranks, or a negative one")
    }
    let total = counts.reduce(0, +)
    guard local == counts[rank], all == total else {
      let problem = "rank \(rank) has \(local) of \(all) elements where the counts say \(counts[rank]) of \(total)"
      throw .wrongArgument(label: label, problem: problem)
    }
  }
}

/// `0..<count` in ranges of at most `limit`; one empty range where there is nothing.
func chunks(of count: Int, _ limit: Int) -> [Range<Int>] {
  count == 0 ? [0..<0] : stride(from: 0, to: count, by: limit).map { $0..<min(count, $0 + limit) }
}
