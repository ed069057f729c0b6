/// Bytes from every rank to every rank, in rounds of at most `slotBytes` each.
///
/// Each rank writes into its slot, the ranks of the node meet, each reads. Slots come in two halves used in turn: a
/// rank writes a half again only after the next meeting, to which all come after they have read; so a round on one node
/// costs one meeting. With several nodes the first rank of each collects its node's slots, exchanges them with the other
/// nodes' first ranks, and the node meets once more.
final class Exchange {
  let slotBytes: Int
  private let team: NodeTeam
  private let links: (any NodeLinks)?
  private let slots: [UnsafeMutableRawPointer]
  /// The bytes of all ranks, in the order of nodes: with several nodes, memory of the first rank of the node.
  private let region: UnsafeMutableRawPointer?
  private let regionBytes: Int
  private let checks: AlignedMemory
  private var half = 0
  private var layout: RankLayout { team.layout }

  init(team: NodeTeam, host: any TeamHost, links: (any NodeLinks)?) throws {
    self.team = team
    self.links = links
    let size = team.layout.size
    slotBytes = Self.slotBytes(ranks: size, nodes: links == nil ? 1 : team.layout.nodes.count)
    regionBytes = links == nil ? 0 : slotBytes * size
    checks = AlignedMemory(byteCount: team.layout.nodes.count * 8)
    slots = try host.allocate(byteCount: 2 * slotBytes, "slots of the node")
    let ownRegion = team.isFirst ? 2 * regionBytes : 0
    region = links == nil ? nil : try host.allocate(byteCount: ownRegion, "slots of all nodes")[0]
  }

  /// One mebibyte, but with several nodes no more than 32 for what comes from all of them.
  static func slotBytes(ranks: Int, nodes: Int) -> Int {
    nodes == 1 ? 1 << 20 : max(1 << 12, min(1 << 20, (32 << 20) / ranks & ~63))
  }

  /// Waits until all ranks of all nodes have come to `call`.
  func meetEverywhere(_ call: Call) throws {
    try team.meet(call)
    guard links != nil else { return }
    try compareNodes(call)
    try team.meet(call.phase(1))
  }

  /// One round: brings `mine` to all ranks. `counts[r]` is what rank r brings, at most `slotBytes`. `read` receives
  /// where the bytes of each rank are, 64-byte aligned, and is done with them when it returns.
  func gather(
    _ mine: UnsafeRawBufferPointer, counts: [Int], _ call: Call, _ read: ([UnsafeRawPointer]) -> Void
  ) throws {
    half = 1 - half
    let slot = UnsafeMutableRawBufferPointer(start: slots[layout.local] + half * slotBytes, count: slotBytes)
    slot.copyMemory(from: mine)
    try team.meet(call)
    guard let links, let region else {
      return read(slots.map { UnsafeRawPointer($0 + half * slotBytes) })
    }
    let all = UnsafeMutableRawBufferPointer(start: region + half * regionBytes, count: regionBytes)
    let table = offsets(counts)
    if team.isFirst {
      try compareNodes(call)
      for (local, other) in layout.team.enumerated() {
        (all.baseAddress ?? region).advanced(by: table.ofRank[other])
          .copyMemory(from: slots[local] + half * slotBytes, byteCount: counts[other])
      }
      try links.gather(all, counts: table.nodeCounts, offsets: table.nodeOffsets, call.label)
    }
    try team.meet(call.phase(1))
    read(table.ofRank.map { UnsafeRawPointer(region + half * regionBytes + $0) })
  }

  /// One round: brings `bytes` of rank `root` to all others; at most `slotBytes`.
  func spread(_ bytes: UnsafeMutableRawBufferPointer, root: Int, _ call: Call) throws {
    half = 1 - half
    let rootNode = layout.nodes.firstIndex { $0.contains(root) } ?? 0
    let source = layout.team.firstIndex(of: root) ?? 0
    let slot = UnsafeMutableRawBufferPointer(start: slots[source] + half * slotBytes, count: bytes.count)
    if layout.rank == root { slot.copyMemory(from: UnsafeRawBufferPointer(bytes)) }
    try team.meet(call)
    if let links {
      if team.isFirst {
        try compareNodes(call)
        try links.broadcast(slot, rootNode: rootNode, call.label)
      }
      try team.meet(call.phase(1))
    }
    if layout.rank != root { bytes.copyMemory(from: UnsafeRawBufferPointer(slot)) }
  }

  /// On the first rank of each node: all nodes must have come to the same call.
  func compareNodes(_ call: Call) throws {
    guard let links, team.isFirst else { return }
    let count = layout.nodes.count
    let all = UnsafeMutableRawBufferPointer(start: checks.base, count: count * 8)
    let signature = team.signature
    all.storeBytes(of: signature, toByteOffset: layout.node * 8, as: UInt64.self)
    try links.gather(all, counts: .init(repeating: 8, count: count), offsets: (0..<count).map { $0 * 8 }, call.label)
    for node in 0..<count where all.load(fromByteOffset: node * 8, as: UInt64.self) != signature {
      throw CollectiveError.nodesDisagree(node: layout.node, mine: call.description, other: node)
    }
  }

  /// Where each rank's bytes lie when nodes follow each other, every rank on a cache line of its own.
  private func offsets(_ counts: [Int]) -> (ofRank: [Int], nodeCounts: [Int], nodeOffsets: [Int]) {
    var ofRank = [Int](repeating: 0, count: counts.count)
    var nodeCounts: [Int] = []
    var nodeOffsets: [Int] = []
    var offset = 0
    for node in layout.nodes {
      nodeOffsets.append(offset)
      for rank in node {
        ofRank[rank] = offset
        offset += (counts[rank] + 63) & ~63
      }
      nodeCounts.append(offset - (nodeOffsets.last ?? 0))
    }
    return (ofRank, nodeCounts, nodeOffsets)
  }
}
