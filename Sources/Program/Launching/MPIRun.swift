internal import Glibc
package import Reporting

/// The mpirun of this machine.
package struct MPIRun {
  package let path: String
  /// First line of `mpirun --version`.
  package let version: String

  package var isOpenMPI: Bool { version.contains("Open MPI") }

  /// The mpirun that the shell would take, or nil.
  package static func find() -> MPIRun? {
    for directory in (environmentVariable("PATH") ?? "").split(separator: ":") {
      let path = String(directory) + "/mpirun"
      guard access(path, X_OK) == 0 else { continue }
      let output = run(path, ["--version"], seconds: 10)?.output ?? ""
      return MPIRun(path: path, version: output.split(separator: "\n").first.map(String.init) ?? "unknown")
    }
    return nil
  }

  /// The same where `--ranks` needs one whose options it knows.
  package static func required(ranks: Int) throws -> MPIRun {
    guard let mpirun = find() else { throw LaunchError.noMPI }
    guard mpirun.isOpenMPI else { throw LaunchError.otherMPI(version: mpirun.version, ranks: ranks) }
    return mpirun
  }

  /// Runs the ranks to their end and returns what they said.
  package func output(of plan: LaunchPlan) throws -> String {
    for variable in plan.environment { setenv(variable.name, variable.value, 1) }
    return try outputOfChild(path, plan.arguments)
  }
}

/// Why ranks cannot be started.
package enum LaunchError: ReportableError {
  case noMPI
  case otherMPI(version: String, ranks: Int)
  case noMachines(path: String)
  /// A hostfile's slots are fewer than the ranks.
  case tooFewSlots(path: String, slots: Int, ranks: Int)
  /// What a launcher has told its ranks stands in the environment of a process that is none of them.
  case leftOver(variables: [String])
  /// A call of the system failed, with this number.
  case system(path: String, code: Int32)

  package var description: String {
    switch self {
    case .noMPI:
      "--ranks: no mpirun on the PATH; install Open MPI (Debian: apt install openmpi-bin), or leave --ranks out"
    case .otherMPI(let version, let ranks):
      "--ranks knows the options of Open MPI, and this mpirun is '\(printable(version))'; start the ranks yourself: "
        + "mpirun -n \(ranks) mmtrain …"
    case .noMachines(let path):
      "\(printable(path)): names no machine; write one a line, as in launch/hostfile.example"
    case .tooFewSlots(let path, let slots, let ranks):
      "\(printable(path)): the machines have \(slots) slot(s) for \(ranks) ranks; raise slots= there (as many as a machine "
        + "has cores), name more machines, or start --ranks \(slots)"
    case .leftOver(let variables):
      "the environment says that a launcher has started this process as one of several ranks, and no such launcher is "
        + "there: unset \(variables.map { printable($0) }.joined(separator: " "))"
    case .system(let path, let code):
      "--ranks: cannot start \(printable(path)): \(String(cString: strerror(code)))"
    }
  }

  package var exitCode: ExitCode {
    switch self {
    case .noMPI, .otherMPI: .missingInput
    case .noMachines: .badData
    case .tooFewSlots, .leftOver: .configuration
    case .system: .internalError
    }
  }
}

/// What an mpirun that failed meant, for people who meet its messages for the first time and started it themselves.
package func explanation(ofMPIRun output: String) -> String {
  if let known = knownMessage(in: output) { return known.meaning + known.hint }
  let line = output.split(separator: "\n").first { line in line.contains { $0 != "-" && $0 != " " } }
  return "it said: " + printable(line ?? "nothing")
}

/// The same where `--ranks` has started it and the message is a known one; nil elsewhere.
package func meaning(ofMPIRun output: String) -> String? {
  knownMessage(in: output).map { $0.meaning + ($0.ours.isEmpty ? "" : ": " + $0.ours) }
}

private struct KnownMessage {
  let sign: String
  let meaning: String
  /// What to do where somebody has started mpirun.
  let hint: String
  /// What to do where `--ranks` has, beyond what it does already.
  let ours: String
}

private func knownMessage(in output: String) -> KnownMessage? {
  let known = [
    KnownMessage(
      sign: "not enough slots", meaning: "the ranks are more than the machines have slots",
      hint: ": add --oversubscribe, or --use-hwthread-cpus to count hardware threads (mmtrain train --ranks does)",
      ours: "raise slots= in the hostfile, ask the batch system for as many tasks (--ntasks), or lower --ranks"),
    KnownMessage(
      sign: "run as root", meaning: "mpirun refuses to run as root",
      hint: ": in a container set OMPI_ALLOW_RUN_AS_ROOT=1 and OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 (mmtrain train --ranks "
        + "does)", ours: "on this machine --ranks allows it; look how the other machines start programs"),
    KnownMessage(
      sign: "binding more processes than cpus", meaning: "more threads than cores",
      hint: ": add --bind-to none (mmtrain train --ranks does)",
      ours: "a machine has fewer cores than this one; lower --threads"),
    KnownMessage(
      sign: "could not access or execute an executable",
      meaning: "a machine does not have the program under this path", hint: ": copy the same build to all of them",
      ours: "copy the same build to all of them"),
    KnownMessage(
      sign: "multiple definitions of the slot count", meaning: "the hostfile names a machine more than once",
      hint: ": once, with all its slots", ours: "name it once, with all its slots"),
    KnownMessage(
      sign: "plm_rsh_agent", meaning: "mpirun looks for ssh to start ranks on other machines",
      hint: ": install openssh-client", ours: "install openssh-client"),
  ]
  let words = output.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
  return known.first { words.contains($0.sign) }
}
