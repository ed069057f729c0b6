public import Collectives
public import Reporting

/// What MPI, or the way it was started, can do wrong.
public enum MPIError: ReportableError {
  /// A call came back with an error: its name, what it was for, who called, and MPI's words for the code.
  case failed(function: String, label: String, rank: Int, code: Int32, message: String)
  /// The memory that the ranks of a node share cannot be had.
  case noSharedMemory(label: String, rank: Int, bytes: Int, message: String)
  /// The launcher said that there are more ranks than MPI finds.
  case otherSize(Launch, found: Int)
  /// This build of MPI does not work in a program with threads.
  case noThreads(library: String)
  /// Ranks were started with other MPI libraries than rank 0, or other versions of it.
  case otherLibrary(ranks: [Int], library: String)
  /// A collective was called from a thread other than the one that its communicator belongs to.
  case wrongThread(label: String, rank: Int)

  public var description: String {
    switch self {
    case .failed(let function, let label, let rank, let code, let message):
      "rank \(rank): \(function) for '\(printable(label))' failed with code \(code): \(printable(message))"
    case .noSharedMemory(let label, let rank, let bytes, let message):
      """
      rank \(rank): no room for \(bytes) bytes shared between the ranks of this node, for '\(printable(label))' \
      (\(printable(message))); make /dev/shm larger (for containers: --shm-size), or name a larger directory in \
      OMPI_MCA_osc_sm_backing_directory
      """
    case .otherSize(let launch, let found):
      """
      \(launch.launcher) announces \(launch.ranks) ranks (\(launch.variable)), but MPI finds \(found): the launcher does \
      not belong to the MPI library that this program is linked with; start it with that library's mpirun, or under Slurm \
      with srun --mpi=pmix. Where this process is no rank, the variable is left over: unset \(launch.variable)
      """
    case .noThreads(let library):
      "\(printable(library)) does not offer MPI_THREAD_FUNNELED; use a build of MPI with thread support"
    case .otherLibrary(let ranks, let library):
      """
      MPI is another library or version on rank \(ranks.map(String.init).joined(separator: ", ")) than here \
      (\(printable(library))); install the same one on all nodes
      """
    case .wrongThread(let label, let rank):
      "rank \(rank): '\(printable(label))' was called from a thread other than its own"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .failed: .network
    case .noSharedMemory: .inputOutput
    case .otherSize, .noThreads: .configuration
    case .otherLibrary: .ranksDisagree
    case .wrongThread: .internalError
    }
  }
}
