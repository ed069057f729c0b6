internal import Collectives
internal import CollectivesMPI
internal import FoundationEssentials
internal import Glibc
internal import Reporting

/// Runs `work` as the rank that this process is: alone, or one of those that a launcher started.
///
/// An error ends all ranks: it is said with the rank's number, and the job's exit code is the error's. Where the work
/// ends in order, all ranks end MPI together before any of them leaves.
func withRanks(_ work: (any Communicator) throws -> Reporting.ExitCode) throws -> Reporting.ExitCode {
  let environment = ProcessInfo.processInfo.environment
  let nodeSize = environment["MMTRAIN_NODE_SIZE"].flatMap { Int($0) }
  let communicator = try startCommunicator(environment: environment, nodeSize: nodeSize)
  if communicator.size > 1, let limit = Watchdog.limit(environmentVariable) {
    Watchdog(communicator.waits, rank: communicator.rank, limit: limit).start()
  }
  do {
    let code = try work(communicator)
    try communicator.finish()
    return code
  } catch {
    guard communicator.size > 1 else { throw error }
    let report = ErrorReport(error)
    // What most often goes wrong goes wrong on all ranks alike: rank 0's message is enough.
    // Its end then ends this rank, also where training has taken the signal over.
    if communicator.rank > 0 {
      signal(SIGTERM, SIG_DFL)
      sleep(3)
    }
    writeToStandardError(report.text(rank: communicator.rank) + "\n")
    communicator.abort(report.exitCode)
  }
}
