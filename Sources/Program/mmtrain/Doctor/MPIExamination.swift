internal import Collectives
internal import FoundationEssentials
internal import Glibc
internal import Launching
internal import Reporting

/// Whether mpirun is there, is Open MPI, and can start a rank on each core.
func mpi(_ machine: Machine) -> Examination.Group {
  guard let mpirun = MPIRun.find() else {
    return Examination.Group(
      name: "mpi", text: "no mpirun on the PATH", members: [("path", .null)],
      warnings: ["without mpirun one process trains alone; Debian: apt install openmpi-bin"])
  }
  let trouble = mpirun.isOpenMPI ? startTrouble(mpirun, ranks: min(machine.usableCores, 8)) : nil
  var group = Examination.Group(
    name: "mpi", text: "\(printable(mpirun.version)), \(printable(mpirun.path))",
    members: [
      ("path", .text(mpirun.path)), ("version", .text(mpirun.version)),
      ("trouble", trouble.map { .text($0) } ?? .null),
    ])
  if let trouble { group.warnings = ["mpirun cannot start ranks: \(trouble)"] }
  if !mpirun.isOpenMPI { group.warnings = ["this mpirun is not Open MPI's, and --ranks cannot use it"] }
  return group
}

/// What keeps mpirun from starting a rank on each core, or nil. Not asked within an MPI job, where it must not start.
private func startTrouble(_ mpirun: MPIRun, ranks: Int) -> String? {
  guard detectLaunch(ProcessInfo.processInfo.environment) == nil else { return nil }
  guard let result = run(mpirun.path, ["-n", String(ranks), "true"], seconds: 20) else { return "it does not start" }
  return result.exitCode == 0 ? nil : explanation(ofMPIRun: result.output)
}
