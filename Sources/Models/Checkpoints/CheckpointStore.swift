internal import Files
internal import Reporting

/// The checkpoints of one run: `RUN/checkpoints/step-0000100` and so on, with the links `RUN/last` and `RUN/best`.
///
/// One process writes (rank 0), and no directory is written to again once it has its name.
public struct CheckpointStore: Sendable {
  /// RUN, the directory of the whole run.
  public let runDirectory: String

  /// The checkpoints of a run that may not have any yet; touches nothing.
  public init(runDirectory: String) {
    self.runDirectory = runDirectory
  }

  /// Where the checkpoints are.
  public var directory: String { runDirectory + "/checkpoints" }

  /// Saves under `step`, points `last` at it, and returns it.
  ///
  /// The order that makes a crash harmless at any point: all members into a staging directory, each waited for; DONE;
  /// one rename; `last`. When something fails, what was staged is removed, older checkpoints are as they were, and the
  /// call can be made again at a later step. A step that is there already with the same content stays; with other
  /// content it is set aside as `step-….abandoned-1`, because an earlier resume has made it part of another history.
  public func save(step: Int, _ contents: CheckpointContents) throws -> Checkpoint {
    precondition(step >= 0, "step \(step) is negative")
    let target = path(ofStep: step)
    try makeDirectory(directory)
    try synchronizeDirectory(runDirectory)
    let staging = try StagingDirectory(for: target)
    do {
      let marker = CompletionMarker(step: step, members: try contents.write(to: staging.path))
      try synchronizeTree(staging.path)
      try writeAtomically(marker.bytes, to: staging.path + "/" + CompletionMarker.fileName)
      if try makeRoom(at: target, for: marker) {
        try staging.commit()
      } else {
        staging.abandon()
      }
      let checkpoint = Checkpoint(path: target, marker: marker)
      try link("last", to: checkpoint)
      return checkpoint
    } catch {
      staging.abandon()
      throw error
    }
  }

  /// Points `RUN/best` at a checkpoint of this store.
  public func markBest(_ checkpoint: Checkpoint) throws {
    try link("best", to: checkpoint)
  }

  /// The steps that have a directory, whole or not, ascending.
  public func steps() throws -> [Int] {
    guard isDirectory(directory) else { return [] }
    return try directoryEntries(directory).compactMap(stepNumber).sorted()
  }

  /// The newest checkpoint that is what was written, and a warning for every newer one that is not. No checkpoint and
  /// no warning: nothing was ever saved. No checkpoint but warnings: do not start from zero without asking.
  /// - Parameter limit: the last step that is looked at.
  public func newestValid(
    upTo limit: Int = .max
  ) throws -> (checkpoint: Checkpoint?, warnings: [CheckpointWarning]) {
    var warnings: [CheckpointWarning] = []
    for step in try steps().reversed() where step <= limit {
      do {
        let checkpoint = try Checkpoint(path: path(ofStep: step))
        guard checkpoint.step == step else {
          throw CheckpointError.marker(path: checkpoint.path, problem: "it is of step \(checkpoint.step)")
        }
        return (checkpoint, warnings)
      } catch {
        warnings.append(CheckpointWarning(path: path(ofStep: step), reason: "\(error)"))
      }
    }
    return (nil, warnings)
  }

  /// The directory of the newest step that looks whole, by the sizes of its files; nil where there is none.
  public func newestDirectory() throws -> String? {
    try steps().reversed().lazy.map(path(ofStep:)).first(where: looksWhole)
  }

  /// The directory of a step.
  public func path(ofStep step: Int) -> String { directory + "/step-" + padded(step, to: 7) }

  /// Sees to it that nothing has the name `target`; false where the very same checkpoint has it.
  private func makeRoom(at target: String, for marker: CompletionMarker) throws -> Bool {
    guard entryExists(target) else { return true }
    if let existing = try? Checkpoint(path: target) {
      if existing.members == marker.members { return false }
      try setAside(target)
    } else {
      try discardTree(target)
    }
    return true
  }

  /// The step of a directory name; nil for anything that is not exactly how this store writes it.
  func stepNumber(_ name: String) -> Int? {
    guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), lastComponent(of: path(ofStep: step)) == name
    else { return nil }
    return step
  }
}

/// A checkpoint that was passed over, to be shown to a person.
public struct CheckpointWarning: CustomStringConvertible, Equatable, Sendable {
  /// The directory that was passed over.
  public var path: String
  /// Why, as a sentence.
  public var reason: String

  /// What was passed over and why.
  public var description: String { "\(printable(path)) is not used: \(reason)" }
}
