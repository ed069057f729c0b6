internal import Glibc

/// What can be seen of the ranks on this machine while they run: their processes, and the memory these take.
struct RankWatch {
  struct Rank {
    let number: Int
    let process: pid_t
    /// The most that was seen, in bytes: a process that is being killed has given back what it had.
    var resident: Int
    /// Of that, what other ranks see too.
    var shared: Int
  }

  /// In the order in which they were first seen.
  private(set) var ranks: [Rank] = []
  /// What could still be taken, at the last looks.
  private var available: [Int] = []
  private let killsBefore = MemoryBudget.current().kills

  /// - Parameter process: mpirun's.
  mutating func look(below process: pid_t) {
    for child in descendants(of: process) { look(at: child) }
    available = available.suffix(3) + [MemoryBudget.current().available]
  }

  private mutating func look(at process: pid_t) {
    let status = procText("/proc/\(process)/status")
    func bytes(_ name: String) -> Int {
      (value(of: name, in: status)?.split(separator: " ").first).flatMap { Int($0) }.map { $0 * 1024 } ?? 0
    }
    let (resident, shared) = (bytes("VmRSS"), bytes("RssShmem"))
    if let index = ranks.firstIndex(where: { $0.process == process }) {
      ranks[index].resident = max(ranks[index].resident, resident)
      ranks[index].shared = max(ranks[index].shared, shared)
    } else if let number = rankNumber(of: process) {
      ranks.append(Rank(number: number, process: process, resident: resident, shared: shared))
    }
  }

  /// What there is to say of memory where a process was killed; nil where nothing speaks for that.
  var memoryVerdict: MemoryVerdict? {
    let budget = MemoryBudget.current()
    let wasKilledForIt = budget.kills > killsBefore
    guard wasKilledForIt || (available.min() ?? .max) < budget.limit / 20 else { return nil }
    return MemoryVerdict(
      ranks: ranks.map { ($0.number, $0.resident) },
      total: ranks.reduce(0) { $0 + $1.resident - $1.shared } + (ranks.map(\.shared).max() ?? 0), limit: budget.limit,
      isGranted: budget.isGranted,
      isCertain: wasKilledForIt)
  }
}

/// Memory as the likely reason of an end.
package struct MemoryVerdict {
  /// The ranks of this machine, with the most memory that each was seen to take.
  package let ranks: [(number: Int, resident: Int)]
  /// What they took together: what they share counts once.
  package let total: Int
  package let limit: Int
  package let isGranted: Bool
  /// The kernel has counted a process that it killed for want of memory.
  package let isCertain: Bool

  package init(ranks: [(number: Int, resident: Int)], total: Int, limit: Int, isGranted: Bool, isCertain: Bool) {
    (self.ranks, self.total, self.limit) = (ranks, total, limit)
    (self.isGranted, self.isCertain) = (isGranted, isCertain)
  }
}

/// All processes that `process` has started, and theirs.
func descendants(of process: pid_t) -> [pid_t] {
  let children = threads(of: process).flatMap { thread in
    procText("/proc/\(process)/task/\(thread)/children").split(separator: " ").compactMap { pid_t($0) }
  }
  return children + children.flatMap(descendants)
}

private func threads(of process: pid_t) -> [String] {
  guard let folder = opendir("/proc/\(process)/task") else { return [] }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if Int(name) != nil { names.append(name) }
  }
  return names
}

/// The rank that Open MPI made of a process; nil for mpirun's own helpers.
private func rankNumber(of process: pid_t) -> Int? {
  let prefix = "OMPI_COMM_WORLD_RANK="
  let entry = procText("/proc/\(process)/environ").split(separator: "\0").first { $0.hasPrefix(prefix) }
  return entry.flatMap { Int($0.dropFirst(prefix.count)) }
}
