/// Memory as the likely reason of an end.
package struct MemoryVerdict {
  /// The ranks of this machine, with the most memory that each was seen to take.
  package let ranks: [(number: Int, resident: Int)]
  /// What they took together: what they share counts once.
  package let total: Int
  package let limit: Int
  package let isGranted: Bool
  /// The kernel has counted a process of this control group that it killed for want of memory. One that only the machine's
  /// counter knows may have been another job's.
  package let isCertain: Bool

  package init(ranks: [(number: Int, resident: Int)], total: Int, limit: Int, isGranted: Bool, isCertain: Bool) {
    (self.ranks, self.total, self.limit) = (ranks, total, limit)
    (self.isGranted, self.isCertain) = (isGranted, isCertain)
  }

  /// What the kernel's counters say of a run in which a process was killed; nil where nothing speaks for want of memory.
  /// - Parameter leastAvailable: what could still be taken, at the last looks.
  package init?(_ ranks: [RankWatch.Rank], before: MemoryBudget, after: MemoryBudget, leastAvailable: Int) {
    let isCertain = after.kills > before.kills
    let isLikely = after.machineKills > before.machineKills || leastAvailable < after.limit / 20
    guard isCertain || isLikely else { return nil }
    self.init(
      ranks: ranks.map { ($0.number, $0.resident) },
      total: ranks.reduce(0) { $0 + $1.resident - $1.shared } + (ranks.map(\.shared).max() ?? 0), limit: after.limit,
      isGranted: after.isGranted, isCertain: isCertain)
  }
}
