internal import CNodeMemory

/// Copies of one array side by side in the node's memory. Each owner adds up its part of all copies, in rank order, and
/// writes the sum into all of them: every element is read once and written once per copy, whatever the number of ranks,
/// and there are two meetings in all.
final class TeamArena: SharedArena {
  let local: UnsafeMutableBufferPointer<Float>
  private let copies: [UnsafeMutablePointer<Float>?]
  private let layout: RankLayout
  private let team: NodeTeam
  private let exchange: Exchange
  private let links: (any NodeLinks)?
  private let wire: WireFormat
  private let waits: WaitBoard
  /// Kept because the memory is its.
  private let host: any TeamHost

  /// Collective within the node.
  init(count: Int, wire: WireFormat, communicator: TeamCommunicator, _ label: String) throws {
    let segments = try communicator.host.allocate(byteCount: count * MemoryLayout<Float>.stride, label)
    copies = segments.map { $0.assumingMemoryBound(to: Float.self) }
    layout = communicator.layout
    team = communicator.team
    exchange = communicator.exchange
    links = communicator.links
    self.wire = wire
    waits = communicator.waits
    host = communicator.host
    local = UnsafeMutableBufferPointer(start: copies[layout.local], count: count)
  }

  /// The same copies, met about in `lane`: its thread sums while the arena's own does something else.
  init(_ arena: TeamArena, in lane: TeamCommunicator) {
    (local, copies, layout, wire, host) = (arena.local, arena.copies, arena.layout, arena.wire, arena.host)
    (team, exchange, links, waits) = (lane.team, lane.exchange, lane.links, lane.waits)
  }

  func sumOverRanks(_ part: Range<Int>, _ label: String) throws {
    try check(part, label)
    let call = Call(.sumArena, count: part.count, detail: UInt64(part.lowerBound), label)
    try waits.during(call) { try sum(part, call) }
  }

  /// `sumOverRanks` for a call that is on the board already.
  func sum(_ range: Range<Int>, _ call: Call) throws {
    try enter(call)
    for bucket in GradientBuckets(range) {
      let part = layout.part(bucket, ofOwner: layout.local)
      if let links {
        try sumIntoOwnCopy(part, links, call)
        share(part)
      } else {
        sumCopies(part)
      }
    }
    try team.meet(call.phase(2))
  }

  var ownPart: Range<Int> { layout.part(local.indices, ofOwner: layout.local) }

  func sumOwnPart(_ label: String) throws {
    let call = Call(.sumPart, count: local.count, label)
    try waits.during(call) {
      try enter(call)
      for bucket in GradientBuckets(ownPart) { try sumIntoOwnCopy(bucket, links, call) }
      try team.meet(call.phase(2))
    }
  }

  /// `sumOwnPart` for what of it lies in `bucket`. The rank's copy may not be written again before `meetAgain`.
  func sumOwnPart(in bucket: Range<Int>, _ call: Call) throws {
    try waits.during(call) {
      try enter(call)
      let part = ownPart.clamped(to: bucket)
      // As empty on all nodes.
      if !part.isEmpty { try sumIntoOwnCopy(part, links, call) }
    }
  }

  /// All ranks of the node have read what they needed of the others' copies.
  func meetAgain(_ call: Call) throws {
    try waits.during(call) { try team.meet(call) }
  }

  func shareOwnParts(_ label: String) throws {
    let call = Call(.shareParts, count: local.count, label)
    try waits.during(call) {
      try enter(call)
      share(ownPart)
      try team.meet(call.phase(2))
    }
  }

  /// All copies are ready to be read, on all nodes.
  private func enter(_ call: Call) throws {
    try team.meet(call)
    try exchange.compareNodes(call)
  }

  private func sumIntoOwnCopy(_ part: Range<Int>, _ links: (any NodeLinks)?, _ call: Call) throws {
    // Ranks beyond the owners have nothing to sum and no counterpart to talk to.
    guard layout.local < layout.owners, let own = local.baseAddress else { return }
    if copies.count > 1 {
      let rows = copies.map { $0.map { UnsafePointer($0 + part.lowerBound) } }
      mmt_sum_rows(own + part.lowerBound, rows, Int32(rows.count), part.count)
    }
    try links?.sum(UnsafeMutableBufferPointer(rebasing: local[part]), as: wire, call.label)
  }

  /// Adds up all copies of `part` and writes the sums into all of them.
  func sumCopies(_ part: Range<Int>) {
    mmt_sum_copies(copies, Int32(copies.count), part.lowerBound, part.count)
  }

  private func share(_ part: Range<Int>) {
    for (other, copy) in copies.enumerated() where other != layout.local && !part.isEmpty {
      guard let copy, let own = local.baseAddress else { return }
      (copy + part.lowerBound).update(from: own + part.lowerBound, count: part.count)
    }
  }

  private func check(_ part: Range<Int>, _ label: String) throws(CollectiveError) {
    guard part.lowerBound >= 0, part.upperBound <= local.count else {
      throw .wrongArgument(label: label, problem: "elements \(part) of an arena of \(local.count)")
    }
  }
}
