internal import CMPI
internal import CNodeMemory
internal import Collectives

/// Messages between nodes. MPI only carries bytes: what is added up is added up here, in the order of nodes, so that the
/// bits depend neither on the version of MPI nor on the algorithm it chooses.
final class MPILinks: NodeLinks {
  private let session: MPISession
  private let layout: RankLayout
  /// The first ranks of all nodes; nil on the others.
  private let firsts: OpaquePointer?
  /// The owners of this rank's part on all nodes; nil where it owns none.
  private let owners: OpaquePointer?
  /// What the other nodes have for this node's share of a part: floats or bfloat16.
  private var received: [UInt8] = []
  /// A part as it travels where that is bfloat16.
  private var rounded: [UInt16] = []

  init(session: MPISession, layout: RankLayout) throws {
    self.session = session
    self.layout = layout
    firsts = try session.split(session.world, colour: layout.local == 0 ? 0 : -1, key: layout.node)
    owners = try session.split(
      session.world, colour: layout.local < layout.owners ? layout.local : -1, key: layout.node)
  }

  func gather(_ all: UnsafeMutableRawBufferPointer, counts: [Int], offsets: [Int], _ label: String) throws {
    try session.call("MPI_Allgatherv", label) {
      mmt_mpi_all_gather(firsts, nil, all.baseAddress, counts, offsets)
    }
  }

  func broadcast(_ bytes: UnsafeMutableRawBufferPointer, rootNode: Int, _ label: String) throws {
    try session.call("MPI_Bcast", label) { mmt_mpi_broadcast(firsts, bytes.baseAddress, bytes.count, Int32(rootNode)) }
  }

  func sum(_ values: UnsafeMutableBufferPointer<Float>, as wire: WireFormat, _ label: String) throws {
    // As long on all nodes, so that all of them leave here or none.
    guard !values.isEmpty, let base = values.baseAddress else { return }
    let nodes = Int32(layout.nodes.count)
    switch wire {
    case .fp32:
      try sum(base, values.count, label) { mmt_sum_rows($0, $1, nodes, $2) }
    case .bf16:
      if rounded.count < values.count { rounded = .init(repeating: 0, count: values.count) }
      try rounded.withUnsafeMutableBufferPointer { rounded in
        guard let halves = rounded.baseAddress else { return }
        mmt_to_bf16(halves, base, values.count)
        try sum(halves, values.count, label) { mmt_sum_bf16_rows($0, $1, nodes, $2) }
        mmt_from_bf16(base, halves, values.count)
      }
    }
  }

  /// A share from which on transfers do not begin while another one's bytes are on their way.
  private static let longShare = 256 << 10

  /// Every node receives its share of the values from all, adds it up with `add` (to where, the rows, how many), and
  /// sends the sums to all.
  private func sum<Element>(
    _ values: UnsafeMutablePointer<Element>, _ count: Int, _ label: String,
    _ add: (UnsafeMutablePointer<Element>, [UnsafePointer<Element>?], Int) -> Void
  ) throws {
    let stride = MemoryLayout<Element>.stride
    let nodes = layout.nodes.count
    let edges = (0...nodes).map { count * $0 / nodes }
    let counts = (0..<nodes).map { (edges[$0 + 1] - edges[$0]) * stride }
    let offsets = edges.dropLast().map { $0 * stride }
    let share = edges[layout.node + 1] - edges[layout.node]
    let shares = [Int](repeating: share * stride, count: nodes)
    let places = (0..<nodes).map { $0 * share * stride }
    let isLong = count / nodes * stride >= Self.longShare
    if received.count < share * nodes * stride { received = .init(repeating: 0, count: share * nodes * 4) }
    try received.withUnsafeMutableBytes { received in
      if isLong { try settle(label) }
      try session.call("MPI_Alltoallv", label) {
        mmt_mpi_all_to_all(owners, values, counts, offsets, received.baseAddress, shares, places)
      }
      guard let first = received.baseAddress?.assumingMemoryBound(to: Element.self) else { return }
      add(values + edges[layout.node], (0..<nodes).map { UnsafePointer(first + $0 * share) }, share)
    }
    if isLong { try settle(label) }
    try session.call("MPI_Allgatherv", label) { mmt_mpi_all_gather(owners, nil, values, counts, offsets) }
  }

  /// Waits until all nodes' bytes have arrived. Over TCP a long message is asked for and granted by short ones, which a node that
  /// still sends something else has behind that: its own next message then goes when the other's has, and a wire that carries both
  /// ways at once carries one after the other (at 1 Gbit/s two transfers took 2.1 to 3 times as long as one; docs/collectives.md).
  private func settle(_ label: String) throws {
    try session.call("MPI_Barrier", label) { mmt_mpi_barrier(owners) }
  }

  func progress() {
    mmt_mpi_progress()
  }

  func finish() throws {
    try session.free(firsts)
    try session.free(owners)
  }
}
