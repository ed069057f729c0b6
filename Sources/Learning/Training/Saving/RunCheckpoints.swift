internal import Batching
internal import Checkpoints
internal import Collectives
internal import Configuration
internal import Evaluation
internal import Files
internal import Images
internal import Layers
internal import Models
internal import Pretrained
internal import Privacy
internal import Tasks

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
  ///   - report: what validation said of these weights, for the model card.
  ///   - privacy: what they have given away; rank 0's.
  func save(_ state: TrainingState, _ report: (any TaskReport)?, privacy: PrivacyStatement? = nil) throws {
    try arrays.save(step: state.step, best: state.best?.step) {
      let description = setup.model.description
      var card = ModelCard(
        description, parameterCount: setup.arena.parameterCount, title: "\(description.name), step \(state.step)",
        origin: "trained with mmtrain on \(setup.dataSet.manifest.description.name)")
      card.privacy = privacy?.sentence
      (card.results, card.base) = (report?.summary ?? [], setup.trained.adapter?.base)
      card.pipeline = setup.task.pipelineTag(on: description)
      card.index = report.map { report in
        CardIndex(
          model: card.title, task: card.pipeline, dataSet: setup.dataSet.manifest.description.name,
          split: setup.configuration.evaluation.split, report)
      }
      let sideFiles = try tokenizerSideFiles(
        setup.tokenizer, json: setup.tokenizerJSON, contextLength: description.texts.contextLength)
      let task = try TaskCatalogue.file(of: setup.task).map { [(name: TaskCatalogue.fileName, bytes: $0)] } ?? []
      var contents = CheckpointContents(
        configuration: try description.json(), tokenizer: setup.tokenizerJSON,
        preprocessor: preprocessorJSON(setup.preprocessing, clips: setup.clipPreparation, of: description),
        modelCard: card.markdown(),
        furtherFiles: sideFiles + clipPreparationFiles(setup.clipPreparation, of: description) + task,
        weights: [], state: [],
        trainingState: try state.json())
      contents.metadata = privacy?.metadata ?? []
      return contents
    }
  }

  // MARK: Restoring

  /// The state to go on from, with weights and moments in place on every rank; nil where the run starts afresh.
  /// - Parameters:
  ///   - warn: is told of checkpoints that were passed over.
  ///   - tell: is told, on rank 0, what differs from the start before.
  func restore(_ policy: ResumePolicy, warn: (String) -> Void, tell: (String) -> Void) throws -> TrainingState? {
    let found = try onRoot("looking for a checkpoint", setup.communicator) {
      for note in try store.takeCopies() { warn(note) }
      let point = try ResumePoint.find(policy, in: store, warn: warn)
      let differences = try point?.check(setup.configuration, setup.dataSet, acceptsDataChange: acceptsDataChange)
      // Going on from an older step on purpose: what came after it must not be taken for newer next time.
      if let point, point.isBeginning { _ = try store.abandon(after: point.checkpoint.step) }
      let isOwn = point?.isBeginning != true
      for note in try store.mendLinks(newest: isOwn ? point?.checkpoint : nil, best: point?.state.best?.step) {
        warn(note)
      }
      for difference in differences ?? [] { tell(difference) }
      if let point, point.state.ranks != setup.communicator.size {
        tell("ranks: \(point.state.ranks) → \(setup.communicator.size)")
      }
      return point
    }
    guard var state = try restore(found ?? nil) else { return nil }
    (state.configuration, state.ranks) = (setup.configuration.yaml(withOrigins: false), setup.communicator.size)
    return state
  }

  /// Puts back weights and moments of the newest valid checkpoint of at most `step` steps; collective.
  /// - Returns: the state that was saved with them; nil where there is none, and nothing has changed.
  func rewind(to step: Int) throws -> TrainingState? {
    try restore(
      onRoot("looking for a checkpoint to rewind to", setup.communicator) {
        try store.newestValid(upTo: step).checkpoint.map { try ResumePoint($0) }
      } ?? nil)
  }

  /// - Parameter found: rank 0's; the others need none.
  private func restore(_ found: ResumePoint?) throws -> TrainingState? {
    // One byte says that there is a checkpoint.
    let json = try onRoot("reading the training state", setup.communicator) {
      try found.map { try [1] + $0.state.json() } ?? []
    }
    let bytes = try broadcastFromRoot(json, "training state", setup.communicator)
    guard !bytes.isEmpty else { return nil }
    let state = try TrainingState(json: Array(bytes.dropFirst()))
    try arrays.restore(found?.checkpoint, updates: state.updates ?? state.step)
    return state
  }
}
