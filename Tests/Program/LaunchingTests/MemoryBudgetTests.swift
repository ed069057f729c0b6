import Files
import Launching
import TestSupport
import Testing

/// The files of the kernel are made up: which limit counts does not depend on the machine of the test.
@Suite struct MemoryBudgetTests {
  private let root: TemporaryDirectory

  init() throws {
    root = try TemporaryDirectory()
    try write("/proc/meminfo", "MemTotal:       1000 kB\nMemFree:  1 kB\nMemAvailable:    600 kB\n")
    try write("/proc/vmstat", "nr_free_pages 1\noom_kill 2\n")
  }

  @Test func theMachinesMemoryWithoutALimit() throws {
    try write("/proc/self/cgroup", "0::/user\n")
    try write("/sys/fs/cgroup/user/memory.max", "max\n")
    let budget = MemoryBudget.current(root: root.path)
    #expect(budget.limit == 1_024_000 && budget.available == 614_400 && !budget.isGranted)
    #expect(budget.kills == 0 && budget.machineKills == 2)
  }

  @Test func aContainersLimitCountsWithoutTheFilesItCaches() throws {
    try write("/proc/self/cgroup", "0::/\n")
    try write("/sys/fs/cgroup/memory.max", "500000\n")
    try write("/sys/fs/cgroup/memory.current", "300000\n")
    try write("/sys/fs/cgroup/memory.stat", "anon 100000\ninactive_file 120000\nactive_file 30000\n")
    try write("/sys/fs/cgroup/memory.events", "low 0\noom 4\noom_kill 3\n")
    let budget = MemoryBudget.current(root: root.path)
    #expect(budget.limit == 500_000 && budget.available == 350_000 && budget.isGranted)
    #expect(budget.kills == 3 && budget.machineKills == 2)
  }

  @Test func theTightestGroupAroundCounts() throws {
    try write("/proc/self/cgroup", "0::/job/step\n")
    try write("/sys/fs/cgroup/job/memory.max", "200000\n")
    try write("/sys/fs/cgroup/job/memory.current", "150000\n")
    try write("/sys/fs/cgroup/job/step/memory.max", "400000\n")
    try write("/sys/fs/cgroup/job/step/memory.current", "50000\n")
    let budget = MemoryBudget.current(root: root.path)
    #expect(budget.limit == 200_000 && budget.available == 50_000 && budget.isGranted)
  }

  @Test func theOldInterfaceIsReadToo() throws {
    try write("/proc/self/cgroup", "4:memory:/job\n0::/\n")
    let group = "/sys/fs/cgroup/memory/job"
    try write(group + "/memory.limit_in_bytes", "400000\n")
    try write(group + "/memory.usage_in_bytes", "390000\n")
    try write(group + "/memory.stat", "cache 9\ntotal_inactive_file 40000\ntotal_active_file 50000\n")
    try write(group + "/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")
    try write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    let budget = MemoryBudget.current(root: root.path)
    #expect(budget.limit == 400_000 && budget.available == 100_000 && budget.isGranted)
    #expect(budget.kills == 1 && budget.machineKills == 2)
  }

  /// Only a kill in the run's own group is certainly one of the run's.
  @Test func anotherJobsKillIsNoCertainty() throws {
    func budget(kills: Int, machineKills: Int) -> MemoryBudget {
      MemoryBudget(limit: 1000, available: 500, isGranted: true, kills: kills, machineKills: machineKills)
    }
    let before = budget(kills: 1, machineKills: 1)
    let ranks = [100, 200].enumerated().map {
      RankWatch.Rank(number: $0, process: 7, resident: $1, shared: 60)
    }
    func verdict(_ after: MemoryBudget, leastAvailable: Int = 500) -> MemoryVerdict? {
      MemoryVerdict(ranks, before: before, after: after, leastAvailable: leastAvailable)
    }
    #expect(verdict(budget(kills: 1, machineKills: 1)) == nil)
    #expect(verdict(budget(kills: 1, machineKills: 2))?.isCertain == false)
    #expect(verdict(budget(kills: 1, machineKills: 1), leastAvailable: 49)?.isCertain == false)
    #expect(verdict(budget(kills: 2, machineKills: 2))?.isCertain == true)
    #expect(verdict(budget(kills: 2, machineKills: 2))?.total == 240)
  }

  private func write(_ path: String, _ text: String) throws {
    try makeDirectory(parentDirectory(of: root.path + path))
    try writeAtomically(text.utf8, to: root.path + path)
  }
}
