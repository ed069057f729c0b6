internal import CMPI
internal import Collectives

/// An MPI process as a rank: its memory is in windows shared with the other ranks of the node.
final class MPIHost: TeamHost {
  let session: MPISession
  private let node: OpaquePointer
  let links: MPILinks?
  private let layout: RankLayout
  private let isLane: Bool
  private var windows: [OpaquePointer] = []
  private var nodeSize: Int { layout.team.count }

  /// Collective.
  init(session: MPISession, layout: RankLayout, isLane: Bool = false) throws {
    (self.session, self.layout, self.isLane) = (session, layout, isLane)
    guard let node = try session.split(session.world, colour: layout.node, key: layout.rank) else {
      throw MPIError.failed(
        function: "MPI_Comm_split", label: "start", rank: session.rank, code: 0, message: "no communicator")
    }
    self.node = node
    links = layout.nodes.count > 1 ? try MPILinks(session: session, layout: layout) : nil
  }

  var allowsLanes: Bool { session.isThreaded }

  func makeLane() throws -> (host: any TeamHost, links: (any NodeLinks)?) {
    let lane = try MPIHost(session: MPISession(beside: session), layout: layout, isLane: true)
    return (lane, lane.links)
  }

  func claim() { session.claim() }

  func allocate(byteCount: Int, _ label: String) throws -> [UnsafeMutableRawPointer] {
    let room = byteCount + 64
    var window: OpaquePointer?
    do {
      try session.call("MPI_Win_allocate_shared", label) { mmt_mpi_window_make(node, room, &window) }
    } catch MPIError.failed(_, _, let rank, _, let message) {
      // MPI's words for a full /dev/shm are "internal error"; hardly anything else can go wrong here.
      throw MPIError.noSharedMemory(label: label, rank: rank, bytes: room, message: message)
    }
    if let window { windows.append(window) }
    let segments = try (0..<nodeSize).map { try segment(window, rank: $0, label) }
    // Every rank has zeroed its own: nobody may write before that.
    try session.call("MPI_Barrier", label) { mmt_mpi_barrier(node) }
    return segments
  }

  private func segment(_ window: OpaquePointer?, rank: Int, _ label: String) throws -> UnsafeMutableRawPointer {
    var base: UnsafeMutableRawPointer?
    var bytes = 0
    try session.call("MPI_Win_shared_query", label) { mmt_mpi_window_segment(window, Int32(rank), &base, &bytes) }
    guard let base else {
      throw MPIError.noSharedMemory(label: label, rank: session.rank, bytes: bytes, message: "no address")
    }
    // Mappings begin on pages, so every rank finds the same aligned place.
    return base.alignedUp(toMultipleOf: 64)
  }

  func finish() throws {
    for window in windows { try session.call("MPI_Win_free", "finish") { mmt_mpi_window_free(window) } }
    windows = []
    try links?.finish()
    try session.free(node)
    try session.free(session.world)
    if !isLane { try session.call("MPI_Finalize", "finish") { mmt_mpi_finish() } }
  }

  func abort(_ code: Int32) -> Never {
    mmt_mpi_abort(code)
  }
}
