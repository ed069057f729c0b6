internal import Batching
internal import Checkpoints
internal import Collectives
internal import Files
internal import Images
internal import Layers
internal import Models
internal import Pretrained

/// Saves and restores a run: its model, and where it stands.
struct RunCheckpoints {
  let setup: RunSetup
  let store: CheckpointStore
  private let arrays: ModelCheckpoints
  private let acceptsDataChange: Bool

  init(_ setup: RunSetup, acceptsDataChange: Bool, warn: @escaping (String) -> Void) {
    self.setup = setup
    self.acceptsDataChange = acceptsDataChange
    store = CheckpointStore(runDirectory: setup.configuration.outputDirectory)
    arrays = ModelCheckpoints(setup: setup.trained, store: store, warn: warn)
  }

  // MARK: Saving

  /// - Parameters:
  ///   - results: what validation said of these weights, for the model card.
  ///   - isBest: whether `best` shall point here.
  func save(_ state: TrainingState, results: [(name: String, value: String)], isBest: Bool) throws {
    try arrays.save(step: state.step, isBest: isBest) {
      let description = setup.model.description
      var card = ModelCard(
        description, parameterCount: setup.arena.parameterCount, title: "\(description.name), step \(state.step)",
        origin: "trained with mmtrain on \(setup.dataSet.manifest.description.name)")
      card.results = results
      let sideFiles = try tokenizerSideFiles(
        setup.tokenizer, json: setup.tokenizerJSON, contextLength: description.text.contextLength)
      return CheckpointContents(
        configuration: try description.json(), tokenizer: setup.tokenizerJSON,
        preprocessor: setup.preprocessing.huggingFaceJSON(), modelCard: card.markdown(), furtherFiles: sideFiles,
        weights: [], state: [],
        trainingState: try state.json())
    }
  }

  // MARK: Restoring

  /// The state to go on from, with weights and moments in place on every rank; nil where the run starts afresh.
  func restore(_ policy: ResumePolicy, warn: (String) -> Void) throws -> TrainingState? {
    try restore(onRoot("looking for a checkpoint", setup.communicator) { try find(policy, warn: warn) } ?? nil)
  }

  /// Puts back weights and moments of the newest valid checkpoint of at most `step` steps; collective.
  /// - Returns: the state that was saved with them; nil where there is none, and nothing has changed.
  func rewind(to step: Int) throws -> TrainingState? {
    try restore(
      onRoot("looking for a checkpoint to rewind to", setup.communicator) {
        try store.newestValid(upTo: step).checkpoint
      } ?? nil)
  }

  /// - Parameter found: rank 0's; the others need none.
  private func restore(_ found: Checkpoint?) throws -> TrainingState? {
    // One byte says that there is a checkpoint: what a damaged one holds may be nothing at all.
    let json = try onRoot("reading the training state", setup.communicator) {
      try found.map { try [1] + $0.trainingState() } ?? []
    }
    let bytes = try broadcastFromRoot(json, "training state", setup.communicator)
    guard !bytes.isEmpty else { return nil }
    let state = try decoded(Array(bytes.dropFirst()))
    try arrays.restore(found, updates: state.updates ?? state.step) { try requireFits($0, state) }
    return state
  }

  private func find(_ policy: ResumePolicy, warn: (String) -> Void) throws -> Checkpoint? {
    switch policy {
    case .never:
      guard try store.steps().isEmpty else { throw TrainingError.outputInUse(path: store.runDirectory) }
      return nil
    case .auto:
      return try newest(in: store, warn: warn)
    case .directory(let path):
      let checkpoint =
        fileExists(path + "/DONE")
        ? try Checkpoint(path: path) : try newest(in: CheckpointStore(runDirectory: path), warn: warn)
      guard let checkpoint else { throw TrainingError.noCheckpoint(path: path) }
      // Going on from an older step on purpose: what came after it must not be taken for newer next time.
      _ = try store.abandon(after: checkpoint.step)
      return checkpoint
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

  private func decoded(_ bytes: [UInt8]) throws -> TrainingState {
    do {
      return try TrainingState(json: bytes)
    } catch {
      throw TrainingError.checkpointDiffers(
        path: store.runDirectory, what: "training_state/state.json cannot be read (\(error))")
    }
  }

  private func requireFits(_ checkpoint: Checkpoint, _ state: TrainingState) throws {
    guard state.format == 1 else {
      throw TrainingError.checkpointDiffers(
        path: checkpoint.path, what: "its format is \(state.format), this mmtrain knows 1")
    }
    guard state.step == checkpoint.step else {
      throw TrainingError.checkpointDiffers(
        path: checkpoint.path, what: "its state.json is of step \(state.step), its DONE of step \(checkpoint.step)")
    }
    guard state.dataFingerprint == setup.dataSet.fingerprint || acceptsDataChange else {
      throw TrainingError.checkpointDiffers(
        path: checkpoint.path,
        what: "it was trained on another data set than \(setup.dataSet.path), or that was changed since; name the same "
          + "data.path, go on with the changed set by --accept-data-change, or start a new run with initialize.weights")
    }
    // The learning rate, say, may change; what decides shapes and the order of samples may not.
    let name = checkpoint.path + "/training_state/state.json"
    _ = try setup.configuration.checkResume(from: RunConfiguration(yaml: state.configuration, name: name))
  }
}
