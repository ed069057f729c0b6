/// Cores' worth of time that the control groups around this process grant, the tightest of them; nil without a limit.
/// - Parameter root: where /proc and /sys are, for tests.
package func coreQuota(root: String = "") -> Double? {
  controlGroupFolders("cpu", root: root).compactMap { group in
    if group.isUnified { return parseCoreQuota(procText(group.path + "/cpu.max")) }
    // Version 1, where no limit is -1.
    let (quota, period) = (firstLine(group.path + "/cpu.cfs_quota_us"), firstLine(group.path + "/cpu.cfs_period_us"))
    return parseCoreQuota(quota + " " + period)
  }.min()
}

/// The processors that the control groups around this process leave to it, or else all of the machine: those among which
/// mpirun chooses when it binds ranks, whatever this process itself was given (taskset, numactl).
/// - Parameter root: where /proc and /sys are, for tests.
package func grantedProcessors(root: String = "") -> [Int] {
  let named = controlGroupFolders("cpuset", root: root).lazy.map { group in
    let file = group.isUnified ? "/cpuset.cpus.effective" : "/cpuset.effective_cpus"
    return processorNumbers(firstLine(group.path + file))
  }
  return named.first { !$0.isEmpty } ?? processorNumbers(firstLine(root + "/sys/devices/system/cpu/online"))
}
