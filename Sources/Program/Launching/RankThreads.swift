package import Collectives
internal import Logging
internal import Reporting

/// Whether the launcher gave this rank cores of its own.
private var isBound: Bool { environmentVariable("OMPI_MCA_orte_bound_at_launch") == "1" }

/// Cores that compute for a job of ranks with `threads` threads each, all of whose nodes are like this one.
package func coresInUse(ranks: Int, threads: Int) -> Int {
  let here = Machine.current().usableCores
  let ranksOnNode = environmentVariable("OMPI_COMM_WORLD_LOCAL_SIZE").flatMap { Int($0) } ?? ranks
  return isBound ? min(threads, here) * ranks : max(1, min(threads * ranksOnNode, here) * ranks / ranksOnNode)
}

/// What `--threads` says, or OMP_NUM_THREADS, or this rank's part of the cores; rank 0 warns where threads outnumber them,
/// or leave cores idle without a word of the command.
package func rankThreads(requested threads: Int?, _ launch: Launch?) -> Int {
  let cores = Machine.current().usableCores
  let ranksOnNode = ranksOnNode(launch)
  let part = defaultThreads(cores: cores, ranksOnNode: ranksOnNode, isBound: isBound)
  let variable = environmentVariable("OMP_NUM_THREADS")
  let chosen = threads ?? openMPThreads(variable) ?? part
  let warnings = [
    threads == nil ? words(onOpenMPThreads: variable, instead: part) : nil,
    oversubscriptionWarning(ranks: isBound ? 1 : ranksOnNode, threads: chosen, cores: cores),
  ]
  if launch?.rank ?? 0 == 0 {
    for warning in warnings.compactMap(\.self) { makeLogger(rank: launch?.rank).warning("\(warning)") }
  }
  return chosen
}

/// The threads of a rank that OMP_NUM_THREADS names: its first number, that of the outermost level; nil where there is none.
package func openMPThreads(_ text: String?) -> Int? {
  text?.split(separator: ",").first.flatMap { Int($0.filter { $0 != " " }) }.flatMap {
    (1...4096).contains($0) ? $0 : nil
  }
}

/// What to say where OMP_NUM_THREADS decides otherwise than the cores would, or cannot be followed; nil where it does not.
package func words(onOpenMPThreads text: String?, instead part: Int) -> String? {
  guard let text, !text.isEmpty, openMPThreads(text) != part else { return nil }
  let meaning =
    openMPThreads(text).map { _ in "a rank takes so many, where there would be \(part)" }
    ?? "is no number from 1 to 4096, and is not followed"
  return "OMP_NUM_THREADS=\(printable(text, limit: 60)): \(meaning); --threads decides otherwise"
}

/// The ranks of this machine, this process among them; 1 where there are no others.
package func ranksOnNode(_ launch: Launch?) -> Int {
  environmentVariable("OMPI_COMM_WORLD_LOCAL_SIZE").flatMap { Int($0) } ?? launch?.ranks ?? 1
}
