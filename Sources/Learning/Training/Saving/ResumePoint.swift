internal import Batching
internal import Checkpoints
internal import Configuration
internal import Files

/// The checkpoint that a run goes on from, and the state that was saved with it. Looking for it changes nothing.
struct ResumePoint {
  let checkpoint: Checkpoint
  var state: TrainingState
  /// Somebody named the checkpoint, and this start is the first that goes on from it.
  private(set) var isBeginning = false

  /// - Throws: `TrainingError.checkpointDiffers` for a state that this version cannot read.
  init(_ checkpoint: Checkpoint) throws {
    self.checkpoint = checkpoint
    do {
      state = try TrainingState(json: checkpoint.trainingState())
    } catch {
      throw TrainingError.checkpointDiffers(
        path: checkpoint.path, what: "training_state/state.json cannot be read (\(error))")
    }
    guard state.format == 1 else {
      throw TrainingError.checkpointDiffers(
        path: checkpoint.path, what: "its format is \(state.format), this mmtrain knows 1")
    }
    guard state.step == checkpoint.step else {
      throw TrainingError.checkpointDiffers(
        path: checkpoint.path, what: "its state.json is of step \(state.step), its DONE of step \(checkpoint.step)")
    }
  }

  /// What `policy` means for a run whose checkpoints are `store`'s; nil where it begins from nothing.
  /// - Parameter warn: is told of checkpoints that are passed over.
  static func find(_ policy: ResumePolicy, in store: CheckpointStore, warn: (String) -> Void) throws -> ResumePoint? {
    switch policy {
    case .never:
      guard try store.steps().isEmpty else { throw TrainingError.outputInUse(path: store.runDirectory) }
      return nil
    case .auto:
      return try newest(in: store, warn: warn).map { try ResumePoint($0) }
    case .directory(let path):
      return try own(begunFrom: path, in: store, warn: warn) ?? ResumePoint(beginningFrom: path, in: store, warn: warn)
    }
  }

  /// A command that names a directory may be given again, as batch systems do: a run that has begun from there goes on from
  /// what it has done since.
  private static func own(
    begunFrom path: String, in store: CheckpointStore, warn: (String) -> Void
  ) throws -> ResumePoint? {
    guard let newest = try store.newestValid().checkpoint else { return nil }
    let point = try ResumePoint(newest)
    return point.state.begunFrom == tidied(path) ? point : nil
  }

  private init(beginningFrom path: String, in store: CheckpointStore, warn: (String) -> Void) throws {
    let place = try checkpointPath(path)
    let found =
      fileExists(place + "/DONE")
      ? try Checkpoint(path: place) : try newest(in: CheckpointStore(runDirectory: place), warn: warn)
    guard let found else { throw TrainingError.noCheckpoint(path: path) }
    try self.init(found)
    isBeginning = true
    state.begunFrom = tidied(path)
    // The best of another directory is not to be found in this one.
    if absolutePath(parentDirectory(of: found.path)) != absolutePath(store.directory) { state.best = nil }
  }

  /// Refuses what cannot go on from here.
  /// - Returns: what differs from the start before, and may.
  func check(
    _ configuration: RunConfiguration, _ dataSet: PreparedDataSet, acceptsDataChange: Bool
  ) throws -> [String] {
    guard state.dataFingerprint == dataSet.fingerprint || acceptsDataChange else {
      throw TrainingError.checkpointDiffers(
        path: checkpoint.path,
        what: "it was trained on another data set than \(dataSet.path), or that was changed since; name the same "
          + "data.path, go on with the changed set by --accept-data-change, or start a new run with initialize.weights")
    }
    // The learning rate, say, may change; what decides shapes and the order of samples may not.
    let name = checkpoint.path + "/training_state/state.json"
    let changes = try configuration.checkResume(from: RunConfiguration(yaml: state.configuration, name: name))
    // Where the run lies was asked for in this very command.
    return changes.filter { $0.path != "output" }.map(\.description)
  }
}

/// The newest valid checkpoint; nil where there is none at all. Where there are some and none is valid, training
/// must not begin again from nothing.
private func newest(in store: CheckpointStore, warn: (String) -> Void) throws -> Checkpoint? {
  let (checkpoint, warnings) = try store.newestValid()
  for warning in warnings { warn(warning.description) }
  if checkpoint == nil, !warnings.isEmpty { throw TrainingError.noCheckpoint(path: store.runDirectory) }
  return checkpoint
}

/// A path without what does not change its meaning at its ends.
private func tidied(_ path: String) -> String {
  var path = path[...]
  while path.hasPrefix("./") { path = path.dropFirst(2) }
  while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
  return String(path)
}
