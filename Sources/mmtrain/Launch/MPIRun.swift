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

  /// The same where `--ranks` needs one whose options it knows.
  static func required(ranks: Int) throws -> MPIRun {
    guard let mpirun = find() else { throw LaunchError.noMPI }
    guard mpirun.isOpenMPI else { throw LaunchError.otherMPI(version: mpirun.version, ranks: ranks) }
    return mpirun
  }

  /// Runs the ranks to their end and returns what they said.
  func output(of plan: LaunchPlan) throws -> String {
    for variable in plan.environment { setenv(variable.name, variable.value, 1) }
    return try outputOfChild(path, plan.arguments)
  }
}

/// Why ranks cannot be started.
enum LaunchError: ReportableError {
  case noMPI
  case otherMPI(version: String, ranks: Int)
  case noMachines(path: String)
  /// A call of the system failed, with this number.
  case system(path: String, code: Int32)

  var description: String {
    switch self {
    case .noMPI:
      "--ranks: no mpirun on the PATH; install Open MPI (Debian: apt install openmpi-bin), or leave --ranks out"
    case .otherMPI(let version, let ranks):
      "--ranks knows the options of Open MPI, and this mpirun is '\(printable(version))'; start the ranks yourself: "
        + "mpirun -n \(ranks) mmtrain …"
    case .noMachines(let path):
      "\(printable(path)): names no machine; write one a line, as in launch/hostfile.example"
    case .system(let path, let code):
      "--ranks: cannot start \(printable(path)): \(String(cString: strerror(code)))"
    }
  }

  var exitCode: ExitCode {
    switch self {
    case .noMPI, .otherMPI: .missingInput
    case .noMachines: .badData
    case .system: .internalError
    }
  }
}

/// What an mpirun that failed meant, for people who meet its messages for the first time.
package func explanation(ofMPIRun output: String) -> String {
  if let meaning = meaning(ofMPIRun: output) { return meaning }
  let line = output.split(separator: "\n").first { line in line.contains { $0 != "-" && $0 != " " } }
  return "it said: " + printable(line ?? "nothing")
}

/// The same where the message is a known one; nil elsewhere.
func meaning(ofMPIRun output: String) -> String? {
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
    (
      "could not access or execute an executable",
      "a machine does not have the program under this path: copy the same build to all of them"
    ),
    ("ssh", "mpirun looks for ssh to start ranks on other machines: install openssh-client"),
  ]
  let words = output.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
  return known.first { words.contains($0.sign) }?.meaning
}
