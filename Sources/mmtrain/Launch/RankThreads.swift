internal import Collectives
internal import Logging
internal import Reporting

/// What `--threads` says, or this rank's part of the cores; rank 0 warns where threads outnumber them.
func rankThreads(requested threads: Int?, _ launch: Launch?) -> Int {
  let cores = Machine.current().usableCores
  let ranksOnNode = environmentVariable("OMPI_COMM_WORLD_LOCAL_SIZE").flatMap { Int($0) } ?? launch?.ranks ?? 1
  let isBound = environmentVariable("OMPI_MCA_orte_bound_at_launch") == "1"
  let chosen = threads ?? defaultThreads(cores: cores, ranksOnNode: ranksOnNode, isBound: isBound)
  if launch?.rank ?? 0 == 0,
    let warning = oversubscriptionWarning(ranks: isBound ? 1 : ranksOnNode, threads: chosen, cores: cores)
  {
    makeLogger(rank: launch?.rank).warning("\(warning)")
  }
  return chosen
}
