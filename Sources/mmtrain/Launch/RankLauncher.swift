internal import Glibc
internal import Reporting

/// `--ranks N`: prints the mpirun command of this machine and becomes it.
struct RankLauncher {
  let plan: LaunchPlan
  private let ranks: Int

  init(ranks: Int, threads: Int?) {
    let arguments = argumentsForRanks(Array(CommandLine.arguments.dropFirst()))
    let program = [executablePath() ?? CommandLine.arguments[0]] + arguments
    plan = LaunchPlan(
      ranks: ranks, threads: threads, cores: Machine.current().usableCores, isRoot: geteuid() == 0, program: program)
    self.ranks = ranks
  }

  func start() throws -> Never {
    guard let mpirun = MPIRun.find() else { throw LaunchError.noMPI }
    guard mpirun.isOpenMPI else { throw LaunchError.otherMPI(version: mpirun.version, ranks: ranks) }
    writeToStandardError("starting: \(plan.commandLine(mpirun: "mpirun"))\n")
    try mpirun.execute(plan)
  }
}
