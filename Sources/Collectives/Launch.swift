/// A launcher's word that this process is one of several ranks.
public struct Launch: Equatable, Sendable {
  /// Who started the ranks, in words.
  public let launcher: String
  public let ranks: Int
  /// This process's rank as the launcher says it; MPI's own number counts.
  public let rank: Int?

  public init(launcher: String, ranks: Int, rank: Int?) {
    self.launcher = launcher
    self.ranks = ranks
    self.rank = rank
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
  ("srun", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID"),
]

/// What `environment` says about how this process was started: nil where it runs alone, and MPI is not needed.
public func detectLaunch(_ environment: [String: String]) -> Launch? {
  for (launcher, size, rank) in announcements {
    guard let ranks = environment[size].flatMap({ Int($0) }), ranks > 0 else { continue }
    return ranks == 1 ? nil : Launch(launcher: launcher, ranks: ranks, rank: environment[rank].flatMap { Int($0) })
  }
  return nil
}
