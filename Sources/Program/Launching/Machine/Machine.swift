internal import Glibc

/// What this machine offers to this process.
package struct Machine {
  package let processor: String
  /// Instruction sets that matter here, as the kernel names them.
  package let features: [String]
  package let cores: CoreCount
  /// Cores' worth of time that the control group grants, nil without a limit.
  package let coreQuota: Double?
  package let memoryTotal: Int
  package let memoryAvailable: Int

  /// Physical cores that threads can use at full speed.
  package var usableCores: Int {
    guard let coreQuota else { return cores.physical }
    return max(1, min(cores.physical, Int(coreQuota.rounded(.down))))
  }

  /// Whether all that mpirun sees may be used in full: only then it can bind ranks to cores, as it knows of no share of
  /// time, and of no processors that were given to this process alone.
  var canBind: Bool { usableCores == cores.physical && Set(allowedProcessors()) == Set(grantedProcessors()) }

  package static func current() -> Machine {
    let information = ProcessorInformation(procText("/proc/cpuinfo"))
    let memory = MemoryInformation(procText("/proc/meminfo"))
    return Machine(
      processor: information.name, features: information.features, cores: .current(),
      coreQuota: Launching.coreQuota(),
      memoryTotal: memory.total, memoryAvailable: memory.available)
  }
}

/// Free bytes of the file system that holds `path`, nil where it cannot be asked.
package func freeBytes(_ path: String) -> Int? {
  var status = statvfs()
  guard statvfs(path, &status) == 0 else { return nil }
  return Int(status.f_bavail) * Int(status.f_frsize)
}

/// The text of a file of the kernel, which has no size of its own; empty where it is absent.
package func procText(_ path: String) -> String {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return "" }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while bytes.count < 1 << 24 {
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0 else { break }
    bytes += buffer[..<count]
  }
  return String(decoding: bytes, as: UTF8.self)
}
