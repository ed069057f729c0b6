/// A launcher's word that this process is one of several ranks.
public struct Launch: Equatable, Sendable {
  /// Who started the ranks, in words.
  public let launcher: String
  public let ranks: Int
  /// This process's rank as the launcher says it; MPI's own number counts.
  public let rank: Int?
  /// The variable that says how many ranks there are.
  public let variable: String

  public init(launcher: String, ranks: Int, rank: Int?, variable: String) {
    self.launcher = launcher
    self.ranks = ranks
    self.rank = rank
    self.variable = variable
  }
}

/// Which launchers say in which variables how many ranks there are. The first whose size is set decides: mpirun within
/// a Slurm job sets its own variables beside Slurm's. `SLURM_NTASKS` is not among them: it is set in a batch script,
/// where only one process runs.
private let announcements: [(launcher: String, size: String, rank: String)] = [
  ("mpirun (Open MPI)", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
  ("mpirun (MVAPICH)", "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"),
  ("a launcher that speaks PMI", "PMI_SIZE", "PMI_RANK"),
  ("flux run", "FLUX_JOB_SIZE", "FLUX_TASK_RANK"),
  ("srun", slurmSize, "SLURM_PROCID"),
]

private let slurmSize = "SLURM_STEP_NUM_TASKS"

/// What `environment` says about how this process was started: nil where it runs alone, and MPI is not needed.
public func detectLaunch(_ environment: [String: String]) -> Launch? {
  guard let launch = announcedLaunch(environment), launch.ranks > 1 else { return nil }
  return launch.variable == slurmSize && lonelyStep(environment) != nil ? nil : launch
}

/// Why a process in a step of several Slurm tasks is no rank, though `srun` announces ranks; nil where it is one, or there is
/// no such step.
public enum LonelyStep: Equatable, Sendable {
  /// A shell that `srun --pty` opened, and whatever is started in it.
  case terminal(tasks: Int)
  /// Nothing by which the tasks could find each other: `srun` without `--mpi=pmix`, or a shell within a step.
  case noInterface(tasks: Int)
}

public func lonelyStep(_ environment: [String: String]) -> LonelyStep? {
  guard let launch = announcedLaunch(environment), launch.variable == slurmSize, launch.ranks > 1 else { return nil }
  if environment["SLURM_PTY_PORT"] != nil { return .terminal(tasks: launch.ranks) }
  let interfaces = ["PMIX_RANK", "PMIX_NAMESPACE", "PMI_RANK", "PMI_FD"]
  return interfaces.contains { environment[$0] != nil } ? nil : .noInterface(tasks: launch.ranks)
}

private func announcedLaunch(_ environment: [String: String]) -> Launch? {
  for (launcher, size, rank) in announcements {
    guard let ranks = environment[size].flatMap({ Int($0) }), ranks > 0 else { continue }
    return Launch(launcher: launcher, ranks: ranks, rank: environment[rank].flatMap { Int($0) }, variable: size)
  }
  return nil
}

/// Variables of Open MPI's mpirun in the environment of a process that it has not started, as in a shell that was opened in a
/// rank: with them MPI cannot start. None where the launcher is there.
/// - Parameter isDirectory: whether a directory is there, as the one of a launcher that still runs.
public func leftoverVariables(_ environment: [String: String], isDirectory: (String) -> Bool) -> [String] {
  guard environment["OMPI_COMM_WORLD_SIZE"] != nil else { return [] }
  let isServed = environment["PMIX_RANK"] != nil && environment["PMIX_SERVER_TMPDIR"].map(isDirectory) != false
  return isServed ? [] : environment.keys.filter { $0.hasPrefix("OMPI_COMM_WORLD_") || $0.hasPrefix("PMIX_") }.sorted()
}
