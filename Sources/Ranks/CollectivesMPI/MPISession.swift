internal import CMPI
internal import Glibc

/// MPI between its start and its end, and the one place where its return codes are looked at.
final class MPISession {
  let world: OpaquePointer
  let rank: Int
  let size: Int
  /// Whether another thread may call MPI at the same time.
  let isThreaded: Bool
  /// The one thread that calls MPI on communicators of this session.
  private var owner: pthread_t

  /// Starts MPI: after its launcher only, and once in a process.
  convenience init() throws {
    var threads: Int32 = 0
    try Self.check(mmt_mpi_start(&threads), "MPI_Init_thread", "start", rank: 0)
    try self.init(threads: threads)
  }

  /// Communicators beside those of `session`, for another thread, which takes them over with `claim`: messages of the two
  /// never meet. Collective.
  convenience init(beside session: MPISession) throws {
    try self.init(threads: session.isThreaded ? Int32(MMT_MPI_MULTIPLE) : Int32(MMT_MPI_FUNNELED))
  }

  private init(threads: Int32) throws {
    owner = pthread_self()
    isThreaded = threads == Int32(MMT_MPI_MULTIPLE)
    var world: OpaquePointer?
    try Self.check(mmt_mpi_world(&world), "MPI_Comm_dup", "start", rank: 0)
    guard let world else {
      throw MPIError.failed(function: "MPI_Comm_dup", label: "start", rank: 0, code: 0, message: "no communicator")
    }
    self.world = world
    var (rank, size) = (Int32(0), Int32(0))
    try Self.check(mmt_mpi_rank(world, &rank), "MPI_Comm_rank", "start", rank: 0)
    try Self.check(mmt_mpi_size(world, &size), "MPI_Comm_size", "start", rank: Int(rank))
    self.rank = Int(rank)
    self.size = Int(size)
    guard threads != 0 else { throw MPIError.noThreads(library: Self.library) }
  }

  /// From now on the calling thread is the one that calls MPI here. The one before has made its last call.
  func claim() { owner = pthread_self() }

  /// Calls MPI and turns its return code into an error that names the function, the purpose and the rank.
  func call(_ function: String, _ label: String, _ body: () -> Int32) throws {
    guard pthread_equal(owner, pthread_self()) != 0 else { throw MPIError.wrongThread(label: label, rank: rank) }
    try Self.check(body(), function, label, rank: rank)
  }

  /// The part of `group` with this rank's colour, ordered by `key`; nil for a negative colour.
  func split(_ group: OpaquePointer, colour: Int, key: Int) throws -> OpaquePointer? {
    var part: OpaquePointer?
    try call("MPI_Comm_split", "start") { mmt_mpi_split(group, Int32(colour), Int32(key), &part) }
    return part
  }

  func free(_ group: OpaquePointer?) throws {
    guard let group else { return }
    try call("MPI_Comm_free", "finish") { mmt_mpi_free_group(group) }
  }

  /// The name and version of the MPI library.
  static var library: String {
    text(capacity: 1024) { mmt_mpi_library_version($0, $1) }
  }

  private static func check(_ code: Int32, _ function: String, _ label: String, rank: Int) throws {
    if code == 0 { return }
    let message =
      switch code {
      case Int32(MMT_MPI_TOO_LARGE): "more than 2 GiB in one call"
      case Int32(MMT_MPI_NO_MEMORY): "out of memory"
      case Int32(MMT_MPI_NO_SHARED_MEMORY): "no shared memory"
      default: text(capacity: 1024) { mmt_mpi_error_text(code, $0, $1) }
      }
    throw MPIError.failed(function: function, label: label, rank: rank, code: code, message: message)
  }

  private static func text(capacity: Int, _ fill: (UnsafeMutablePointer<CChar>?, Int) -> Int) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { text in
      String(decoding: text.prefix(fill(text.baseAddress, capacity)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
