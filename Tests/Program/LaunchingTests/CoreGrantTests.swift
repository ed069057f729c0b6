import Files
import Launching
import TestSupport
import Testing

/// Which time and which processors control groups leave; the files of the kernel are made up.
@Suite struct CoreGrantTests {
  private let root: TemporaryDirectory

  init() throws { root = try TemporaryDirectory(inMemory: true) }

  @Test func withoutALimit() throws {
    try write("/proc/self/cgroup", "0::/job\n")
    try write("/sys/fs/cgroup/job/cpu.max", "max 100000\n")
    try write("/sys/devices/system/cpu/online", "0-3\n")
    #expect(coreQuota(root: root.path) == nil)
    #expect(grantedProcessors(root: root.path) == [0, 1, 2, 3])
  }

  @Test func theTightestGroupAroundCounts() throws {
    try write("/proc/self/cgroup", "0::/job/step/task\n")
    try write("/sys/fs/cgroup/job/cpu.max", "250000 100000\n")
    try write("/sys/fs/cgroup/job/step/cpu.max", "800000 100000\n")
    try write("/sys/fs/cgroup/job/step/task/cpu.max", "max 100000\n")
    try write("/sys/fs/cgroup/job/cpuset.cpus.effective", "0-7\n")
    try write("/sys/fs/cgroup/job/step/cpuset.cpus.effective", "2,6\n")
    #expect(coreQuota(root: root.path) == 2.5)
    #expect(grantedProcessors(root: root.path) == [2, 6])
  }

  @Test func aContainersOwnViewCounts() throws {
    try write("/proc/self/cgroup", "0::/docker/0123\n")
    try write("/sys/fs/cgroup/cpu.max", "150000 100000\n")
    #expect(coreQuota(root: root.path) == 1.5)
  }

  @Test(arguments: ["cpu", "cpu,cpuacct"]) func theOldInterfaceIsReadToo(mount: String) throws {
    try write("/proc/self/cgroup", "5:cpu,cpuacct:/job/step\n4:cpuset:/job\n0::/\n")
    let groups = "/sys/fs/cgroup/\(mount)"
    for (group, quota) in [("", "-1"), ("/job", "300000"), ("/job/step", "200000")] {
      try write(groups + group + "/cpu.cfs_quota_us", quota + "\n")
      try write(groups + group + "/cpu.cfs_period_us", "100000\n")
    }
    try write("/sys/fs/cgroup/cpuset/job/cpuset.effective_cpus", "1,3\n")
    #expect(coreQuota(root: root.path) == 2)
    #expect(grantedProcessors(root: root.path) == [1, 3])
  }

  private func write(_ path: String, _ text: String) throws {
    try makeDirectory(parentDirectory(of: root.path + path))
    try writeAtomically(text.utf8, to: root.path + path)
  }
}
