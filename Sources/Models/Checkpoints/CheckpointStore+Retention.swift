public import Files

extension CheckpointStore {
  /// Removes old checkpoints and says which: what stays is `newest`, the `keep` − 1 whole ones before it, the best, and
  /// what `best` and `last` point at. `newest` is verified from the disk first; when that fails nothing is removed. Steps
  /// after `newest` are not touched.
  ///
  /// - Parameters:
  ///   - best: the step that the run calls its best, whether a link says so or not.
  ///   - onFailure: is told of a checkpoint that cannot be removed; what it throws ends the call.
  public func prune(
    keep: Int, newest: Checkpoint, best: Int? = nil, onFailure: (FileError) throws -> Void = { throw $0 }
  ) throws -> [String] {
    precondition(keep >= 1, "keep is \(keep)")
    try newest.verify()
    let linked = ["best", "last"].compactMap { linkTarget(runDirectory + "/" + $0) }.map(lastComponent(of:))
    var kept = 1
    var removed: [String] = []
    for step in try steps().reversed() where step < newest.step {
      let path = path(ofStep: step)
      if kept < keep, looksWhole(path) {
        kept += 1
      } else if step != best, !linked.contains(lastComponent(of: path)) {
        do {
          try discardTree(path)
          removed.append(path)
        } catch let error as FileError {
          try onFailure(error)
        }
      }
    }
    return removed
  }

  /// Sets aside the checkpoints after `step` and says where they are now: whoever resumes from an older checkpoint
  /// starts another history, and the next automatic resume must not pick the old one.
  public func abandon(after step: Int) throws -> [String] {
    let abandoned = try steps().filter { $0 > step }.map { try setAside(path(ofStep: $0)) }
    // A link that points at nothing any more would be taken for a checkpoint by whoever only reads the link.
    for name in ["last", "best"] where !fileExists("\(runDirectory)/\(name)/\(CompletionMarker.fileName)") {
      if linkTarget("\(runDirectory)/\(name)") != nil { try removeTree("\(runDirectory)/\(name)") }
    }
    return abandoned
  }

  /// Removes what dead processes left half-written in the run. The lock is that of the run directory.
  public func sweep(holding lock: DirectoryLock) throws -> [SweptTemporary] {
    try sweepTemporaries(in: runDirectory, holding: lock) + sweepTemporaries(in: directory, holding: lock)
  }

  @discardableResult
  func setAside(_ path: String) throws -> String {
    var number = 1
    while entryExists("\(path).abandoned-\(number)") { number += 1 }
    try moveFile(path, to: "\(path).abandoned-\(number)")
    return "\(path).abandoned-\(number)"
  }

  /// Without reading the members, which can be gigabytes.
  func looksWhole(_ path: String) -> Bool {
    do {
      try CompletionMarker(readingFrom: path).verifySizes(path)
      return true
    } catch {
      return false
    }
  }
}
