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
  /// What the other nodes have for this node's share of a part.
  private var received: [Float] = []

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

  /// Every node receives its share of the values from all, adds it up, and sends the sums to all.
  func sum(_ values: UnsafeMutableBufferPointer<Float>, _ label: String) throws {
    let stride = MemoryLayout<Float>.stride
    let nodes = layout.nodes.count
    let edges = (0...nodes).map { values.count * $0 / nodes }
    let counts = (0..<nodes).map { (edges[$0 + 1] - edges[$0]) * stride }
    let offsets = edges.dropLast().map { $0 * stride }
    let share = edges[layout.node + 1] - edges[layout.node]
    let shares = [Int](repeating: share * stride, count: nodes)
    let places = (0..<nodes).map { $0 * share * stride }
    if received.count < share * nodes { received = .init(repeating: 0, count: share * nodes) }
    try received.withUnsafeMutableBufferPointer { received in
      try session.call("MPI_Alltoallv", label) {
        mmt_mpi_all_to_all(
          owners, values.baseAddress, counts, offsets, received.baseAddress, shares, places)
      }
      guard let own = values.baseAddress, let first = received.baseAddress else { return }
      let rows = (0..<nodes).map { Optional(UnsafePointer(first + $0 * share)) }
      mmt_sum_rows(own + edges[layout.node], rows, Int32(nodes), share)
    }
    try session.call("MPI_Allgatherv", label) { mmt_mpi_all_gather(owners, nil, values.baseAddress, counts, offsets) }
  }

  func progress() {
    mmt_mpi_progress()
  }

  func finish() throws {
    try session.free(firsts)
    try session.free(owners)
  }
}
