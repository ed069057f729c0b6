package import Collectives
internal import CollectivesMPI
internal import Files
internal import FoundationEssentials
internal import Glibc
internal import Logging
package import Reporting

/// Runs `work` as the rank that this process is: alone, or one of those that a launcher started.
///
/// An error ends all ranks: it is said with the rank's number, and the job's exit code is the error's. Where the work
/// ends in order, all ranks end MPI together before any of them leaves.
///
/// - Parameter describing: says what an error comes to.
package func withRanks(
  describing: (any Error) -> ErrorReport, _ work: (any Communicator) throws -> Reporting.ExitCode
) throws -> Reporting.ExitCode {
  let environment = ProcessInfo.processInfo.environment
  let nodeSize = environment["MMTRAIN_NODE_SIZE"].flatMap { Int($0) }
  try requireNoLeftovers(environment)
  warnOfLonelyStep(environment)
  let waits = WaitBoard()
  // From before the first call on: MPI's own start is where ranks wait that cannot reach each other.
  if let launch = detectLaunch(environment), let limit = Watchdog.limit(environmentVariable) {
    Watchdog(waits, rank: launch.rank ?? 0, limit: limit).start()
  }
  let communicator = try startCommunicator(environment: environment, nodeSize: nodeSize, waits: waits)
  do {
    let code = try work(communicator)
    try communicator.finish()
    return code
  } catch {
    guard communicator.size > 1 else { throw error }
    let report = describing(error)
    // What most often goes wrong goes wrong on all ranks alike: rank 0's message is enough.
    // Its end then ends this rank, also where training has taken the signal over.
    if communicator.rank > 0 {
      signal(SIGTERM, SIG_DFL)
      sleep(3)
    }
    writeToStandardError(report.text(rank: communicator.rank) + "\n")
    flushStandardError()
    communicator.abort(report.exitCode)
  }
}

/// Refuses an environment that announces ranks which nobody has started.
package func requireNoLeftovers(_ environment: [String: String]) throws {
  let variables = leftoverVariables(environment, isDirectory: isDirectory)
  guard variables.isEmpty else { throw LaunchError.leftOver(variables: variables) }
}

/// A step of several Slurm tasks that cannot find each other may be meant as ranks: each of them says that it is none.
private func warnOfLonelyStep(_ environment: [String: String]) {
  guard case .noInterface(let tasks) = lonelyStep(environment) else { return }
  makeLogger(rank: nil).warning(
    """
    SLURM_STEP_NUM_TASKS is \(tasks), but srun has given its tasks no way to find each other: this process runs alone. For \
    ranks start it with srun --mpi=pmix, or leave srun out and take mmtrain train --ranks \(tasks)
    """)
}
