package import Collectives
package import Configuration
internal import Files
package import Launching
package import Reporting
internal import Training

/// Whether a run finds room: its ranks in this machine's memory, its checkpoints on the disk.
package struct RoomCheck {
  /// Of all ranks on this machine.
  package let memoryNeeded: Int
  package let memory: MemoryBudget
  package let checkpointBytes: Int
  /// Nil where the file system cannot be asked.
  package let diskFree: Int?
  /// Checkpoints that will lie there at once: those that are kept, the best, and the one being written.
  package let checkpoints: Int
  /// Of the memory that the ranks on this machine share; both 0 where one rank is alone.
  private let shared: (needed: Int, free: Int)
  private let directory: String

  package init(
    memoryNeeded: Int, memory: MemoryBudget, shared: (needed: Int, free: Int) = (0, 0), checkpointBytes: Int,
    diskFree: Int?, keep: Int, directory: String
  ) {
    (self.memoryNeeded, self.memory, self.shared) = (memoryNeeded, memory, shared)
    (self.checkpointBytes, self.diskFree, self.directory) = (checkpointBytes, diskFree, directory)
    checkpoints = keep + 2
  }

  init(_ configuration: RunConfiguration, _ plan: RunForecast, ranksHere: Int) {
    self.init(
      memoryNeeded: plan.memoryBytes * ranksHere, memory: .current(),
      shared: ranksHere > 1 ? (plan.sharedBytes * ranksHere, freeBytes(sharedMemoryFolder) ?? .max) : (0, 0),
      checkpointBytes: plan.checkpointBytes,
      diskFree: freeBytes(existingPart(of: configuration.outputDirectory)), keep: configuration.checkpoint.keep,
      directory: configuration.outputDirectory)
  }

  /// How many checkpoints find room on the disk.
  package var checkpointsThatFit: Int? { diskFree.map { $0 / max(1, checkpointBytes) } }

  /// Why the run cannot begin; nil where it can.
  package var refusal: NoRoom? {
    if memoryNeeded > memory.available { return .memory(needed: memoryNeeded, memory) }
    if shared.needed > shared.free { return .sharedMemory(needed: shared.needed, free: shared.free) }
    if checkpointsThatFit == 0, let diskFree {
      return .disk(path: directory, needed: checkpointBytes, free: diskFree)
    }
    return nil
  }

  package var memoryVerdict: String {
    if memoryNeeded > memory.available { return "does not fit" }
    if shared.needed > shared.free { return "does not fit into the \(megabytes(shared.free)) that ranks can share" }
    return memoryNeeded > memory.available / 10 * 9 ? "fits, with little to spare" : "fits"
  }

  package var diskVerdict: String {
    guard let fit = checkpointsThatFit else { return "unknown" }
    return fit >= checkpoints ? "fits" : fit == 0 ? "does not fit" : "room for \(fit) of up to \(checkpoints) at once"
  }
}

/// A run for which there is no room. The estimate can be wrong: `MMTRAIN_ROOM_CHECK=0` starts it nevertheless.
package enum NoRoom: ReportableError {
  case memory(needed: Int, MemoryBudget)
  case sharedMemory(needed: Int, free: Int)
  case disk(path: String, needed: Int, free: Int)

  package var description: String {
    switch self {
    case .memory(let needed, let memory):
      "the ranks on this machine need about \(megabytes(needed)) of memory, and \(megabytes(memory.available)) of "
        + "\(megabytes(memory.limit))\(memory.isGranted ? " that the control group grants" : "") are free; lower "
        + "batch.global, set batch.micro (clip) or memory.recompute: blocks, take a smaller model.preset, or use more "
        + "machines. MMTRAIN_ROOM_CHECK=0 starts it nevertheless"
    case .sharedMemory(let needed, let free):
      "the ranks on this machine share about \(megabytes(needed)) of weights and gradients in "
        + "\(printable(sharedMemoryFolder)), where \(megabytes(free)) are free; make it larger (Docker: --shm-size), name a "
        + "larger directory in OMPI_MCA_osc_sm_backing_directory, or start fewer ranks with more threads. "
        + "MMTRAIN_ROOM_CHECK=0 starts it nevertheless"
    case .disk(let path, let needed, let free):
      "\(printable(path)): a checkpoint takes \(megabytes(needed)), and \(megabytes(free)) are free there; free "
        + "some space, or choose another --output. MMTRAIN_ROOM_CHECK=0 starts it nevertheless"
    }
  }

  var isOfMemory: Bool { if case .disk = self { false } else { true } }

  package var exitCode: ExitCode {
    switch self {
    case .memory, .sharedMemory: .configuration
    case .disk: .cannotCreateOutput
    }
  }
}

/// Refuses to start a run for which this machine has no room. To be asked before any rank takes memory: a rank looks at
/// its own machine, and so does who starts ranks on this one; what starts them elsewhere leaves it to them.
/// - Parameter ranks: how many this process is going to start.
package func requireRoom(_ configuration: RunConfiguration, _ launch: Launch?, ranks: Int?, hostfile: String?) throws {
  guard environmentVariable("MMTRAIN_ROOM_CHECK") != "0" else { return }
  let launcher =
    launch == nil ? try ranks.map { try RankLauncher(ranks: $0, threads: nil, hostfile: hostfile) } : nil
  if launcher?.mayBeElsewhere == true { return }
  // Weights by a name of the hub are not fetched for this, and what cannot be read is reported by the run itself.
  let found = configuration.finding { (try? checkpointPath($0)) ?? $0 }
  let begunFrom = [found.foundWeights, found.foundTowers?.vision, found.foundTowers?.text].compactMap(\.self)
  func forecast(rehearsing threads: Int? = nil) -> RunForecast? {
    try? RunForecast(
      found, dataPath: configuration.data.path ?? builtInDataPath, ranks: launch?.ranks ?? ranks ?? 1,
      rehearsing: threads)
  }
  guard begunFrom.allSatisfy(fileExists), var plan = forecast() else { return }
  // Where a launcher does not say how many ranks a machine has, each looks after itself.
  let here =
    launch == nil
    ? launcher?.ranksHere ?? 1 : environmentVariable("OMPI_COMM_WORLD_LOCAL_SIZE").flatMap { Int($0) } ?? 1
  // A formula that is wrong by less than this cannot matter; going through a step is right for every model, and takes a moment.
  if plan.memoryBytes * here > MemoryBudget.current().available / 8 { plan = forecast(rehearsing: 1) ?? plan }
  // Rank 0 alone writes, and no other machine has to see the directory.
  let room = RoomCheck(configuration, plan, ranksHere: here)
  if let refusal = room.refusal, launch?.rank ?? 0 == 0 || refusal.isOfMemory { throw refusal }
}

/// Where Open MPI puts the memory that ranks share.
private var sharedMemoryFolder: String { environmentVariable("OMPI_MCA_osc_sm_backing_directory") ?? "/dev/shm" }

/// The deepest directory on the way to `path` that is there.
private func existingPart(of path: String) -> String {
  var path = absolutePath(path) ?? path
  while !fileExists(path), parentDirectory(of: path) != path { path = parentDirectory(of: path) }
  return path
}
