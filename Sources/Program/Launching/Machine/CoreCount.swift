internal import Glibc

/// The processors that this process may run on.
package struct CoreCount: Equatable {
  /// Hardware threads.
  package let logical: Int
  /// Cores: hardware threads of one core share its arithmetic.
  package let physical: Int
  /// All hardware threads of the machine, allowed or not.
  package let installed: Int

  /// - Parameter coreNames: for each hardware thread that may be used, a text that names its core.
  package init(coreNames: [String], installed: Int) {
    logical = coreNames.count
    physical = max(1, Set(coreNames).count)
    self.installed = installed
  }

  package static func current() -> CoreCount {
    let names = allowedProcessors().map { processor in
      let folder = "/sys/devices/system/cpu/cpu\(processor)/topology/"
      let core = procText(folder + "core_id")
      return core.isEmpty ? "cpu \(processor)" : procText(folder + "physical_package_id") + "/" + core
    }
    return CoreCount(coreNames: names, installed: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }
}

/// Numbers of the processors in this process's affinity mask.
package func allowedProcessors() -> [Int] {
  let numbers = processorNumbers(value(of: "Cpus_allowed_list", in: procText("/proc/self/status")) ?? "")
  return numbers.isEmpty ? [0] : numbers
}

/// The threads that a rank takes when nobody says how many.
/// - Parameters:
///   - cores: cores that this process may use.
///   - isBound: the launcher gave this rank cores of its own.
package func defaultThreads(cores: Int, ranksOnNode: Int, isBound: Bool) -> Int {
  max(1, isBound ? cores : cores / max(1, ranksOnNode))
}
