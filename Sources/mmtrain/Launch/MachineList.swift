internal import Files

/// How many machines mpirun will start ranks on, and who says so.
package struct MachineList {
  package let count: Int
  /// Whether ranks may run elsewhere than here: where somebody names machines, this one need not be among them.
  let mayBeElsewhere: Bool
  /// What mpirun must be told; it finds the other sources itself.
  package let hostfile: String?

  /// A file that was named; else the one that the environment names to mpirun, as in a Kubernetes MPIJob; else the
  /// machines of a Slurm job; else this one alone.
  /// - Throws: `FileError`, or `LaunchError` for a file without a machine.
  package init(hostfile: String?, environment: (String) -> String?) throws {
    self.hostfile = hostfile
    let named = hostfile ?? environment("OMPI_MCA_orte_default_hostfile")
    if let path = named {
      count = machineNames(String(decoding: try readFile(path, limit: 1 << 24), as: UTF8.self)).count
      guard count > 0 else { throw LaunchError.noMachines(path: path) }
    } else {
      count = max(1, environment("SLURM_JOB_NUM_NODES").flatMap { Int($0) } ?? 1)
    }
    mayBeElsewhere = named != nil || count > 1
  }
}

/// The machines of a hostfile, each once: the first word of each line that is no comment.
private func machineNames(_ text: String) -> [String] {
  var names: [String] = []
  for line in text.split(whereSeparator: \.isNewline) {
    let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
    guard let name = words.first.map(String.init), !names.contains(name) else { continue }
    names.append(name)
  }
  return names
}
