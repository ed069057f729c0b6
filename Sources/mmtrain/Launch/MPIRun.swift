internal import Glibc
internal import Reporting

/// The mpirun of this machine.
struct MPIRun {
  let path: String
  /// First line of `mpirun --version`.
  let version: String

  var isOpenMPI: Bool { version.contains("Open MPI") }

  /// The mpirun that the shell would take, or nil.
  static func find() -> MPIRun? {
    for directory in (environmentVariable("PATH") ?? "").split(separator: ":") {
      let path = String(directory) + "/mpirun"
      guard access(path, X_OK) == 0 else { continue }
      let output = run(path, ["--version"], seconds: 10)?.output ?? ""
      return MPIRun(path: path, version: output.split(separator: "\n").first.map(String.init) ?? "unknown")
    }
    return nil
  }

  /// Runs the ranks to their end and returns what they said.
  func output(of plan: LaunchPlan) throws -> String {
    for variable in plan.environment { setenv(variable.name, variable.value, 1) }
    return try outputOfChild(path, plan.arguments)
  }

  /// Becomes mpirun: returns only by throwing.
  func execute(_ plan: LaunchPlan) throws -> Never {
    for variable in plan.environment { setenv(variable.name, variable.value, 1) }
    withCStrings(["mpirun"] + plan.arguments) { _ = execv(path, $0) }
    throw LaunchError.cannotStart(path: path, reason: String(cString: strerror(errno)))
  }
}

/// Why ranks cannot be started.
enum LaunchError: ReportableError {
  case noMPI
  case otherMPI(version: String, ranks: Int)
  case cannotStart(path: String, reason: String)

  var description: String {
    switch self {
    case .noMPI:
      "--ranks: no mpirun on the PATH; install Open MPI (Debian: apt install openmpi-bin), or leave --ranks out"
    case .otherMPI(let version, let ranks):
      "--ranks knows the options of Open MPI, and this mpirun is '\(printable(version))'; start the ranks yourself: "
        + "mpirun -n \(ranks) mmtrain …"
    case .cannotStart(let path, let reason):
      "--ranks: cannot start \(printable(path)): \(reason)"
    }
  }

  var exitCode: ExitCode {
    switch self {
    case .noMPI, .otherMPI: .missingInput
    case .cannotStart: .internalError
    }
  }
}

/// What an mpirun that failed meant, for people who meet its messages for the first time.
package func explanation(ofMPIRun output: String) -> String {
  let known: [(sign: String, meaning: String)] = [
    (
      "not enough slots",
      "more ranks than cores: add --oversubscribe, or --use-hwthread-cpus to count hardware threads "
        + "(mmtrain train --ranks does)"
    ),
    (
      "run as root",
      "mpirun refuses to run as root: in a container set OMPI_ALLOW_RUN_AS_ROOT=1 and "
        + "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 (mmtrain train --ranks does)"
    ),
    ("binding more processes than cpus", "more threads than cores: add --bind-to none (mmtrain train --ranks does)"),
    ("ssh", "mpirun looks for ssh to start ranks on other machines: install openssh-client"),
  ]
  if let match = known.first(where: { output.contains($0.sign) }) { return match.meaning }
  let line = output.split(separator: "\n").first { line in line.contains { $0 != "-" && $0 != " " } }
  return "it said: " + printable(line ?? "nothing")
}
