internal import Files
internal import FoundationEssentials
internal import Glibc
internal import Logging
internal import Reporting

/// `--ranks N`: starts the ranks with this machine's mpirun, and looks after them.
package struct RankLauncher {
  private let ranks: Int
  private let threads: Int?
  /// The command says how many threads, rather than a variable.
  private let areThreadsStated: Bool
  private let machines: MachineList
  private let restarts: Int
  /// The ranks that this machine will have.
  package let ranksHere: Int
  private let cores = CoreClaim()

  /// - Parameter hostfile: names the machines; nil for this one, or those of a batch job.
  package init(ranks: Int, threads: Int?, hostfile: String? = nil, restarts: Int = 0) throws {
    (self.ranks, self.restarts) = (ranks, restarts)
    (self.threads, areThreadsStated) = (
      threads ?? openMPThreads(environmentVariable("OMP_NUM_THREADS")), threads != nil
    )
    machines = try MachineList(hostfile: hostfile, environment: environmentVariable)
    ranksHere = try machines.ranksOnLargest(of: ranks)
  }

  /// Whether ranks may run on other machines, of whose memory and disks nothing is known here.
  package var mayBeElsewhere: Bool { machines.mayBeElsewhere }

  /// How the ranks are started.
  package var plan: LaunchPlan { plan(isRestart: false, binds: true) }

  /// - Parameter directory: the run's.
  package func start(directory: String) throws -> Never {
    let mpirun = try MPIRun.required(ranks: ranks)
    let part = defaultThreads(cores: Machine.current().usableCores, ranksOnNode: ranksHere, isBound: false)
    if !areThreadsStated, let words = words(onOpenMPThreads: environmentVariable("OMP_NUM_THREADS"), instead: part) {
      makeLogger(rank: nil).warning("\(words)")
    }
    let binds = cores.take()
    if !binds { writeToStandardError("another run has bound its ranks to cores here: these are not bound to any\n") }
    var supervisor = try Supervisor(mpirun, directory: directory, restarts: restarts)
    // Wherever the run began, it goes on from its own newest checkpoint, once it has made one.
    let before = RunTrace.newestCheckpoint(of: directory)
    exit(
      try supervisor.run { restart in
        let now = RunTrace.newestCheckpoint(of: directory)
        return plan(isRestart: restart > 0 && now != nil && now != before, binds: binds)
      })
  }

  private func plan(isRestart: Bool, binds: Bool) -> LaunchPlan {
    let arguments = argumentsForRanks(Array(CommandLine.arguments.dropFirst()), isRestart: isRestart)
    let machine = Machine.current()
    let isSet = environmentVariable("OMPI_MCA_hwloc_base_binding_policy") != nil
    return LaunchPlan(
      ranks: ranks, threads: threads, cores: machine.usableCores,
      binding: isSet ? .asSet : machine.canBind && binds ? .whereAllAreTaken : .never, isRoot: geteuid() == 0,
      machines: machines.count, ranksHere: ranksHere, hostfile: machines.hostfile,
      isWithinJob: machines.isWithinJob && machines.count == 1,
      exported: machines.mayBeElsewhere ? exportedNames : [],
      program: [executablePath() ?? CommandLine.arguments[0]] + arguments)
  }

  /// mpirun hands its whole environment to ranks of this machine, and nothing of it to others.
  private var exportedNames: [String] {
    ProcessInfo.processInfo.environment.keys.filter {
      $0.hasPrefix("MMTRAIN_") && $0 != removedBLASCoreVariable || $0.hasPrefix("HF_")
    }.sorted()
  }
}
