internal import CNodeMemory
internal import Foundation

/// What the threads of `InProcessCommunicator` share: where groups of them show each other addresses, the memory they
/// brought, and who failed first.
final class ThreadWorld: @unchecked Sendable {
  // Sendable: everything below is guarded by the condition's lock.
  private struct Group {
    var round = 0
    var posted: [Int: UnsafeMutableRawPointer] = [:]
    var result: [UnsafeMutableRawPointer] = []
  }
  private let condition = NSCondition()
  private var groups: [String: Group] = [:]
  private var memory: [AlignedMemory] = []
  private var failure: (rank: Int, error: any Error)?

  /// Shows `address` to the other members of a group and returns those of all, when all have come.
  /// - Parameter comesSurely: nothing that fails lies between the members and this meeting: it is waited for whatever has failed.
  func show(
    _ address: UnsafeMutableRawPointer, in name: String, member: Int, of count: Int, rank: Int,
    comesSurely: Bool = false
  ) throws -> [UnsafeMutableRawPointer] {
    condition.lock()
    defer { condition.unlock() }
    // Those who wait leave with the error as soon as there is one, so whoever comes later must not count on them.
    if let failure, !comesSurely { throw CollectiveError.peerFailed(rank: rank, failed: failure.rank, label: name) }
    let round = groups[name, default: Group()].round
    groups[name, default: Group()].posted[member] = address
    if let posted = groups[name]?.posted, posted.count == count {
      groups[name] = Group(round: round + 1, result: (0..<count).compactMap { posted[$0] })
      condition.broadcast()
    }
    while groups[name]?.round == round {
      if let failure, !comesSurely { throw CollectiveError.peerFailed(rank: rank, failed: failure.rank, label: name) }
      condition.wait()
    }
    return groups[name]?.result ?? []
  }

  /// Keeps `block` until all ranks are done.
  func keep(_ block: AlignedMemory) {
    condition.withLock { memory.append(block) }
  }

  func fail(_ error: any Error, rank: Int) {
    condition.withLock {
      if failure == nil { failure = (rank, error) }
      condition.broadcast()
    }
  }

  var firstError: (any Error)? { condition.withLock { failure?.error } }
}

/// A thread as a rank: its memory is the process's.
final class ThreadHost: TeamHost {
  private let layout: RankLayout
  private let world: ThreadWorld
  /// Before the names of groups, so that lanes have their own.
  private let prefix: String
  private var lanes = 0

  init(layout: RankLayout, world: ThreadWorld, prefix: String = "") {
    self.layout = layout
    self.world = world
    self.prefix = prefix
  }

  var links: ThreadLinks? {
    layout.nodes.count > 1 ? ThreadLinks(layout: layout, world: world, prefix: prefix) : nil
  }

  var allowsLanes: Bool { true }

  func makeLane() -> (host: any TeamHost, links: (any NodeLinks)?) {
    lanes += 1
    let lane = ThreadHost(layout: layout, world: world, prefix: "lane \(lanes) ")
    return (lane, lane.links)
  }

  func claim() {}

  func allocate(byteCount: Int, _ label: String) throws -> [UnsafeMutableRawPointer] {
    let block = AlignedMemory(byteCount: byteCount)
    world.keep(block)
    return try world.show(
      block.base, in: prefix + "memory of node \(layout.node)", member: layout.local, of: layout.team.count,
      rank: layout.rank)
  }

  func finish() {}

  func abort(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
  }
}

/// Messages between nodes that are threads of the same process: each reads what the others show.
final class ThreadLinks: NodeLinks {
  private let layout: RankLayout
  private let world: ThreadWorld
  private let prefix: String

  init(layout: RankLayout, world: ThreadWorld, prefix: String) {
    self.layout = layout
    self.world = world
    self.prefix = prefix
  }

  func gather(_ all: UnsafeMutableRawBufferPointer, counts: [Int], offsets: [Int], _ label: String) throws {
    guard let base = all.baseAddress else { return }
    try exchange(base, "first ranks") { others in
      for node in others.indices where node != layout.node {
        (base + offsets[node]).copyMemory(from: others[node] + offsets[node], byteCount: counts[node])
      }
    }
  }

  func broadcast(_ bytes: UnsafeMutableRawBufferPointer, rootNode: Int, _ label: String) throws {
    guard let base = bytes.baseAddress else { return }
    try exchange(base, "first ranks") { others in
      if rootNode != layout.node { base.copyMemory(from: others[rootNode], byteCount: bytes.count) }
    }
  }

  func sum(_ values: UnsafeMutableBufferPointer<Float>, as wire: WireFormat, _ label: String) throws {
    guard let base = values.baseAddress else { return }
    guard wire == .fp32 else { return try sumRounded(base, values.count) }
    let sums = AlignedMemory(byteCount: values.count * MemoryLayout<Float>.stride)
    try exchange(base, "owners of part \(layout.local)") { others in
      let rows = others.map { Optional(UnsafePointer($0.assumingMemoryBound(to: Float.self))) }
      mmt_sum_rows(sums.base.assumingMemoryBound(to: Float.self), rows, Int32(rows.count), values.count)
    }
    base.update(from: sums.base.assumingMemoryBound(to: Float.self), count: values.count)
  }

  private func sumRounded(_ values: UnsafeMutablePointer<Float>, _ count: Int) throws {
    let memory = [AlignedMemory(byteCount: 2 * count), AlignedMemory(byteCount: 2 * count)]
    let (mine, sums) = (memory[0].base.assumingMemoryBound(to: UInt16.self), memory[1].base)
    mmt_to_bf16(mine, values, count)
    try exchange(mine, "owners of part \(layout.local)") { others in
      let rows = others.map { Optional(UnsafePointer($0.assumingMemoryBound(to: UInt16.self))) }
      mmt_sum_bf16_rows(sums.assumingMemoryBound(to: UInt16.self), rows, Int32(rows.count), count)
    }
    mmt_from_bf16(values, sums.assumingMemoryBound(to: UInt16.self), count)
    withExtendedLifetime(memory) {}
  }

  func progress() {}

  /// `read` may look at what the other nodes show; nobody changes it, or gives its memory back, before all have returned from
  /// reading, though another rank may have failed meanwhile.
  private func exchange(
    _ mine: UnsafeMutableRawPointer, _ group: String, _ read: ([UnsafeMutableRawPointer]) -> Void
  ) throws {
    let count = layout.nodes.count
    let group = prefix + group
    read(try world.show(mine, in: group, member: layout.node, of: count, rank: layout.rank))
    _ = try world.show(mine, in: group, member: layout.node, of: count, rank: layout.rank, comesSurely: true)
  }
}
