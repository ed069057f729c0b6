internal import Checkpoints
internal import Files
internal import Reporting

/// The checkpoint that `RUN/last` or `RUN/best` means where nothing has that name, as on a file system without symbolic links or
/// in a copy without them: the newest one, and the one that its `state.json` calls the best. A file in there is found likewise.
/// Whatever else `path` may be, it stays.
/// - Throws: `TrainingError.noBest` where nothing has been measured yet, or the best is gone.
public func checkpointPath(_ path: String) throws -> String {
  guard !entryExists(path) else { return path }
  if let directory = try checkpoint(named: path) { return directory }
  return try checkpoint(named: parentDirectory(of: path)).map { $0 + "/" + lastComponent(of: path) } ?? path
}

/// Nil where `path` is no such name, or there is no checkpoint.
private func checkpoint(named path: String) throws -> String? {
  let name = lastComponent(of: path)
  guard ["last", "best"].contains(name), !entryExists(path) else { return nil }
  let store = CheckpointStore(runDirectory: parentDirectory(of: path))
  guard let newest = try store.newestDirectory() else { return nil }
  return name == "last" ? newest : try best(by: newest, in: store)
}

private func best(by newest: String, in store: CheckpointStore) throws -> String {
  let file = newest + "/training_state/state.json"
  guard let state = try? TrainingState(json: readFile(file, limit: 1 << 26)) else {
    throw TrainingError.noBest(
      path: store.runDirectory, reason: "\(printable(file)), which would name it, cannot be read")
  }
  guard let step = state.best?.step else {
    throw TrainingError.noBest(path: store.runDirectory, reason: "nothing had been measured when the newest was saved")
  }
  let path = store.path(ofStep: step)
  guard isDirectory(path) else {
    throw TrainingError.noBest(path: store.runDirectory, reason: "that of step \(step) is gone")
  }
  return path
}
