internal import Files

/// The machines that mpirun will start ranks on, and who names them.
package struct MachineList {
  package let count: Int
  /// Whether ranks may run elsewhere than here: where somebody names machines, this one need not be among them.
  package let mayBeElsewhere: Bool
  /// What mpirun must be told; it finds the other sources itself.
  package let hostfile: String?
  /// Slots of each machine where a file gives all of them.
  private let slots: [Int]?
  private let path: String?
  /// A batch job has given this machine, and with it perhaps fewer slots than cores.
  package let isWithinJob: Bool

  /// A file that was named; else the one that the environment names to mpirun, as in a Kubernetes MPIJob; else the
  /// machines of a Slurm job; else this one alone.
  /// - Throws: `FileError`, or `LaunchError` for a file without a machine.
  package init(hostfile: String?, environment: (String) -> String?) throws {
    self.hostfile = hostfile
    path = hostfile ?? environment("OMPI_MCA_orte_default_hostfile")
    if let path {
      let machines = machines(String(decoding: try readFile(path, limit: 1 << 24), as: UTF8.self))
      count = machines.count
      slots = machines.contains { $0.slots == nil } ? nil : machines.compactMap(\.slots)
      guard count > 0 else { throw LaunchError.noMachines(path: path) }
    } else {
      (count, slots) = (max(1, environment("SLURM_JOB_NUM_NODES").flatMap { Int($0) } ?? 1), nil)
    }
    mayBeElsewhere = path != nil || count > 1
    isWithinJob = path == nil && ["SLURM_JOB_ID", "SLURM_JOBID"].contains { environment($0) != nil }
  }

  /// The most ranks that one machine will have: mpirun fills the slots of one after the other, and divides evenly where a
  /// file names none.
  /// - Throws: `LaunchError` where the slots are too few.
  package func ranksOnLargest(of ranks: Int) throws -> Int {
    guard let slots, let path else { return (ranks + count - 1) / count }
    let total = slots.reduce(0, +)
    guard total >= ranks else { throw LaunchError.tooFewSlots(path: path, slots: total, ranks: ranks) }
    var rest = ranks
    return slots.map { slots in
      defer { rest -= min(slots, rest) }
      return min(slots, rest)
    }.max() ?? ranks
  }
}

/// The machines of a hostfile, each once: the first word of each line that is no comment, with its slots where it gives some.
private func machines(_ text: String) -> [(name: String, slots: Int?)] {
  var machines: [(name: String, slots: Int?)] = []
  for line in text.split(whereSeparator: \.isNewline) {
    let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
    guard let name = words.first.map(String.init), !machines.contains(where: { $0.name == name }) else { continue }
    let slots = words.dropFirst().first { $0.hasPrefix("slots=") }.flatMap { Int($0.dropFirst("slots=".count)) }
    machines.append((name, slots.map { max(0, min($0, 4096)) }))
  }
  return machines
}
