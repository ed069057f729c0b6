internal import CMPI
public import Collectives

/// MPI processes as ranks.
public enum MPICommunicator {
  /// Starts MPI and returns the communicator of all ranks that `launch` announces. Once in a process, on the thread that
  /// will make all collective calls. A `nodeSize` divides each machine's ranks into nodes of at most so many, to try on
  /// one machine what happens between several. `waits` will be the communicator's board, and says from the first call on
  /// what is waited for.
  public static func start(
    _ launch: Launch, nodeSize: Int? = nil, waits: WaitBoard = WaitBoard()
  ) throws -> any Communicator {
    try waits.duringStart { try start(launch, nodeSize, waits) }
  }

  private static func start(_ launch: Launch, _ nodeSize: Int?, _ waits: WaitBoard) throws -> any Communicator {
    let session = try MPISession()
    guard session.size == launch.ranks else {
      throw MPIError.otherSize(launch, found: session.size)
    }
    try requireSameLibrary(gather(Int64(truncatingIfNeeded: libraryNumber(library)), session), library)
    let layout = RankLayout(rank: session.rank, nodeKeys: try machines(session), nodeSize: nodeSize)
    let host = try MPIHost(session: session, layout: layout)
    return try TeamCommunicator(layout: layout, host: host, links: host.links, waits: waits)
  }

  /// The name and version of the MPI library, known without starting it.
  public static var library: String { MPISession.library }

  /// For each rank the lowest rank that it shares memory with.
  private static func machines(_ session: MPISession) throws -> [Int] {
    var shared: OpaquePointer?
    try session.call("MPI_Comm_split_type", "start") { mmt_mpi_split_node(session.world, &shared) }
    var lowest = Int64(session.rank)
    try session.call("MPI_Bcast", "start") { mmt_mpi_broadcast(shared, &lowest, 8, 0) }
    try session.free(shared)
    return try gather(lowest, session).map { Int($0) }
  }

  /// The numbers of all ranks, in rank order.
  private static func gather(_ number: Int64, _ session: MPISession) throws -> [Int64] {
    var (own, all) = (number, [Int64](repeating: 0, count: session.size))
    let counts = [Int](repeating: 8, count: session.size)
    try session.call("MPI_Allgatherv", "start") {
      mmt_mpi_all_gather(session.world, &own, &all, counts, (0..<session.size).map { $0 * 8 })
    }
    return all
  }
}

/// FNV-1a of the library's name and version: what ranks can compare without exchanging texts.
package func libraryNumber(_ library: String) -> UInt64 {
  library.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}

/// Two versions of MPI may understand each other until they do not.
/// - Parameter numbers: `libraryNumber` of each rank.
package func requireSameLibrary(_ numbers: [Int64], _ library: String) throws {
  let others = numbers.indices.filter { numbers[$0] != numbers[0] }
  guard others.isEmpty else { throw MPIError.otherLibrary(ranks: others, library: library) }
}

/// The communicator for a process with this environment: solo, without MPI, unless a launcher says that there are more.
public func startCommunicator(
  environment: [String: String], nodeSize: Int? = nil, waits: WaitBoard = WaitBoard()
) throws -> any Communicator {
  guard let launch = detectLaunch(environment) else { return SoloCommunicator() }
  return try MPICommunicator.start(launch, nodeSize: nodeSize, waits: waits)
}

/// `measureAllReduce` with `MPI_Allreduce` beside it where the ranks are MPI's.
public func measureAllReduceWithMPI(
  _ communicator: any Communicator, byteCount: Int, repetitions: Int
) throws -> AllReduceMeasurement {
  guard let host = (communicator as? TeamCommunicator)?.host as? MPIHost else {
    return try measureAllReduce(communicator, byteCount: byteCount, repetitions: repetitions)
  }
  return try measureAllReduce(communicator, byteCount: byteCount, repetitions: repetitions) { values in
    try host.session.call("MPI_Allreduce", "bench allreduce") {
      mmt_mpi_all_reduce_f32(host.session.world, values.baseAddress, values.count)
    }
  }
}
