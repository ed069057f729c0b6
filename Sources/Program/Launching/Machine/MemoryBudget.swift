/// The memory that this process and all that it starts may take: the machine's, or less where a control group says so.
package struct MemoryBudget {
  package let limit: Int
  /// What can still be taken without anybody being killed for it.
  package let available: Int
  /// The limit is a control group's: a container's, a batch job's.
  package let isGranted: Bool
  /// How often the kernel has killed a process of this control group for want of memory, since the group began.
  package let kills: Int
  /// The same of the whole machine: a kill there may have been another job's.
  package let machineKills: Int

  package init(limit: Int, available: Int, isGranted: Bool, kills: Int, machineKills: Int) {
    (self.limit, self.available, self.isGranted) = (limit, available, isGranted)
    (self.kills, self.machineKills) = (kills, machineKills)
  }

  /// - Parameter root: where /proc and /sys are, for tests.
  package static func current(root: String = "") -> MemoryBudget {
    let machine = MemoryInformation(procText(root + "/proc/meminfo"))
    let groups = controlGroups(root)
    let tightest = groups.min { $0.available < $1.available }
    let isGranted = tightest.map { $0.available < machine.available } ?? false
    return MemoryBudget(
      limit: isGranted ? tightest?.limit ?? machine.total : machine.total,
      available: isGranted ? tightest?.available ?? machine.available : machine.available,
      isGranted: isGranted, kills: groups.map(\.kills).max() ?? 0,
      machineKills: fieldValue("oom_kill", in: procText(root + "/proc/vmstat")) ?? 0)
  }
}

private struct ControlGroup {
  let limit: Int
  let available: Int
  let kills: Int

  /// Version 2 of the kernel's interface; nil where the group has no limit of its own.
  init?(unified folder: String) {
    guard let limit = Int(firstLine(folder + "/memory.max")) else { return nil }
    let cached = ["inactive_file", "active_file"].compactMap { fieldValue($0, in: procText(folder + "/memory.stat")) }
    self.init(
      limit, used: Int(firstLine(folder + "/memory.current")) ?? 0, cached: cached.reduce(0, +),
      kills: fieldValue("oom_kill", in: procText(folder + "/memory.events")) ?? 0)
  }

  /// Version 1, where no limit is a number beyond all memory.
  init?(memoryController folder: String) {
    guard let limit = Int(firstLine(folder + "/memory.limit_in_bytes")), limit < 1 << 60 else { return nil }
    let cached = ["total_inactive_file", "total_active_file"].compactMap {
      fieldValue($0, in: procText(folder + "/memory.stat"))
    }
    self.init(
      limit, used: Int(firstLine(folder + "/memory.usage_in_bytes")) ?? 0, cached: cached.reduce(0, +),
      kills: fieldValue("oom_kill", in: procText(folder + "/memory.oom_control")) ?? 0)
  }

  /// - Parameter cached: of `used`, copies of files, which are given back when others need the memory.
  private init(_ limit: Int, used: Int, cached: Int, kills: Int) {
    (self.limit, available, self.kills) = (limit, max(0, limit - max(0, used - cached)), kills)
  }
}

/// This process's groups that limit memory, and those around them.
private func controlGroups(_ root: String) -> [ControlGroup] {
  controlGroupFolders("memory", root: root).compactMap {
    $0.isUnified ? ControlGroup(unified: $0.path) : ControlGroup(memoryController: $0.path)
  }
}

/// The number in a line `name number`.
private func fieldValue(_ name: String, in text: String) -> Int? {
  for line in text.split(separator: "\n") {
    let parts = line.split(separator: " ")
    if parts.count == 2, parts[0] == name { return Int(parts[1]) }
  }
  return nil
}
