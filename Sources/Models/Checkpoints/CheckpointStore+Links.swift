internal import Files

extension CheckpointStore {
  /// Takes up the directories that stand under the names of links, where a run was copied along its links: each is a
  /// checkpoint, and takes its own place among the others where that is free. To be called before one is looked for.
  /// - Returns: what was done, a sentence each.
  public func takeCopies() throws -> [String] { try ["last", "best"].compactMap(takeCopy) }

  /// Makes the links of a run that goes on where they are missing, or name another checkpoint than it goes on from: a copy may have lost
  /// them, some file systems have none, and a process may have died between a checkpoint and its link.
  ///
  /// - Parameters:
  ///   - newest: the checkpoint that the run goes on from, where it is of this store.
  ///   - best: the step that its state calls the best.
  /// - Returns: what a person should know of it, a sentence each.
  public func mendLinks(newest: Checkpoint?, best: Int?) throws -> [String] {
    guard try allowsLinks(in: runDirectory) else {
      return [
        "\(runDirectory): no symbolic links can be made there, so there will be no last and no best: the newest checkpoint "
          + "is that of the highest step in checkpoints/, and its training_state/state.json names the best"
      ]
    }
    if let newest, !isLinked("last", to: newest) { try link("last", to: newest) }
    if let best, let checkpoint = try? Checkpoint(path: path(ofStep: best)), !isLinked("best", to: checkpoint) {
      try markBest(checkpoint)
    }
    return []
  }

  private func isLinked(_ name: String, to checkpoint: Checkpoint) -> Bool {
    linkTarget(runDirectory + "/" + name).map { lastComponent(of: $0) } == lastComponent(of: checkpoint.path)
  }

  private func takeCopy(_ name: String) throws -> String? {
    let path = runDirectory + "/" + name
    guard linkTarget(path) == nil, isDirectory(path) else { return nil }
    guard let copy = try? Checkpoint(path: path), !fileExists(self.path(ofStep: copy.step)) else {
      return "\(path) is a directory where a link was: it is now \(try setAside(path)), which may be deleted"
    }
    try makeDirectory(directory)
    try moveFile(path, to: self.path(ofStep: copy.step))
    return "\(path) is a directory where a link was: it is now \(self.path(ofStep: copy.step))"
  }

  /// Points RUN/`name` at a checkpoint of this store; on a file system without links nothing does, as `mendLinks` says.
  func link(_ name: String, to checkpoint: Checkpoint) throws {
    do {
      try replaceLink(runDirectory + "/" + name, target: "checkpoints/" + lastComponent(of: checkpoint.path))
    } catch let error as FileError {
      guard case .system("symlink", _, _) = error, try !allowsLinks(in: runDirectory) else { throw error }
    }
  }
}
