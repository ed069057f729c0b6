internal import Glibc

/// What can be seen of the ranks on this machine while they run: their processes, and the memory these take.
package struct RankWatch {
  package struct Rank {
    let number: Int
    let process: pid_t
    /// The most that was seen, in bytes: a process that is being killed has given back what it had.
    var resident: Int
    /// Of that, what other ranks see too.
    var shared: Int
    var isAlive = true

    package init(number: Int, process: Int32, resident: Int, shared: Int) {
      (self.number, self.process, self.resident, self.shared) = (number, process, resident, shared)
    }
  }

  /// In the order in which they were first seen.
  private(set) var ranks: [Rank] = []
  /// What could still be taken, at the last looks.
  private var available: [Int] = []
  private let before = MemoryBudget.current()

  /// - Parameter process: mpirun's.
  mutating func look(below process: pid_t) {
    for index in ranks.indices { ranks[index].isAlive = false }
    for child in descendants(of: process) { look(at: child) }
    available = available.suffix(3) + [MemoryBudget.current().available]
  }

  private mutating func look(at process: pid_t) {
    let status = procText("/proc/\(process)/status")
    func bytes(_ name: String) -> Int {
      (value(of: name, in: status)?.split(separator: " ").first).flatMap { Int($0) }.map { $0 * 1024 } ?? 0
    }
    let isAlive = value(of: "State", in: status)?.first.map { $0 != "Z" && $0 != "X" } ?? false
    let (resident, shared) = (bytes("VmRSS"), bytes("RssShmem"))
    if let index = ranks.firstIndex(where: { $0.process == process }) {
      ranks[index].resident = max(ranks[index].resident, resident)
      ranks[index].shared = max(ranks[index].shared, shared)
      ranks[index].isAlive = isAlive
    } else if let number = rankNumber(of: process) {
      ranks.append(Rank(number: number, process: process, resident: resident, shared: shared))
    }
  }

  /// Whether a rank of this machine is still there; false too where none was seen.
  var isAnyAlive: Bool { ranks.contains(where: \.isAlive) }

  /// What there is to say of memory where a process was killed; nil where nothing speaks for that.
  var memoryVerdict: MemoryVerdict? {
    MemoryVerdict(ranks, before: before, after: .current(), leastAvailable: available.min() ?? .max)
  }
}

/// All processes that `process` has started, and theirs.
package func descendants(of process: Int32) -> [Int32] {
  let children = threads(of: process).flatMap { thread in
    procText("/proc/\(process)/task/\(thread)/children").split(separator: " ").compactMap { pid_t($0) }
  }
  return children + children.flatMap(descendants)
}

/// The kernel's numbers of a process's threads, as texts.
package func threads(of process: Int32) -> [String] {
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
