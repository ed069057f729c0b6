internal import Collectives
internal import Logging
internal import Reporting

/// Whether the launcher gave this rank cores of its own.
private var isBound: Bool { environmentVariable("OMPI_MCA_orte_bound_at_launch") == "1" }

/// Cores that compute for a job of ranks with `threads` threads each, all of whose nodes are like this one.
func coresInUse(ranks: Int, threads: Int) -> Int {
  let here = Machine.current().usableCores
  let ranksOnNode = environmentVariable("OMPI_COMM_WORLD_LOCAL_SIZE").flatMap { Int($0) } ?? ranks
  return isBound ? min(threads, here) * ranks : max(1, min(threads * ranksOnNode, here) * ranks / ranksOnNode)
}

/// What `--threads` says, or this rank's part of the cores; rank 0 warns where threads outnumber them.
func rankThreads(requested threads: Int?, _ launch: Launch?) -> Int {
  let cores = Machine.current().usableCores
  let ranksOnNode = ranksOnNode(launch)
  let chosen = threads ?? defaultThreads(cores: cores, ranksOnNode: ranksOnNode, isBound: isBound)
  if launch?.rank ?? 0 == 0,
    let warning = oversubscriptionWarning(ranks: isBound ? 1 : ranksOnNode, threads: chosen, cores: cores)
  {
    makeLogger(rank: launch?.rank).warning("\(warning)")
  }
  return chosen
}

/// The ranks of this machine, this process among them; 1 where there are no others.
func ranksOnNode(_ launch: Launch?) -> Int {
  environmentVariable("OMPI_COMM_WORLD_LOCAL_SIZE").flatMap { Int($0) } ?? launch?.ranks ?? 1
}
