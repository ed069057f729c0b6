internal import Batching
internal import Checkpoints
public import Collectives
public import Configuration
internal import Files
internal import Images
internal import Layers
public import Logging
internal import Models
internal import Objectives
internal import Optimizers
internal import Privacy
public import Reporting
internal import Safeguards
internal import Tasks
internal import TensorEngine

/// How a run ended.
public struct TrainingOutcome: Sendable {
  public let directory: String
  public let step: Int
  /// False where somebody asked to stop before the schedule's end; there is a checkpoint to go on from.
  public let isComplete: Bool
}

/// Trains as the configuration says; collective over the ranks of `communicator`.
///
/// - Parameters:
///   - dataPath: the prepared data set.
///   - threads: threads of this rank.
///   - logger: is told what went wrong without stopping the run.
/// - Throws: the errors of the rooms, `TrainingError`; each is a `ReportableError`.
public func runTraining(
  _ configuration: RunConfiguration, dataPath: String, resume: ResumePolicy, options: RunOptions = RunOptions(),
  threads: Int, communicator: any Communicator, output: ProgressOutput, logger: Logger
) throws -> TrainingOutcome {
  try runTraining(
    configuration, resume: resume, options: options, threads: threads, communicator: communicator, output: output,
    logger: logger
  ) { try RunSetup(configuration, dataPath: dataPath, threads: threads, communicator, warn: $0) }
}

/// Trains what `setUp` makes, once the run directory is taken.
/// - Parameter setUp: is given whom to warn.
package func runTraining(
  _ configuration: RunConfiguration, resume: ResumePolicy, options: RunOptions = RunOptions(), threads: Int,
  communicator: any Communicator, output: ProgressOutput, logger: Logger,
  setUp: (_ warn: (String) -> Void) throws -> RunSetup
) throws -> TrainingOutcome {
  let isRoot = communicator.rank == 0
  let directory = configuration.outputDirectory
  let warn = { (text: String) in logger.warning("\(text)") }
  EarlyStop.runBegins()
  let lock = try onRoot("taking the run directory", communicator) {
    try makeDirectory(directory)
    return try DirectoryLock(directory)
  }
  defer { withExtendedLifetime(lock) {} }

  let setup = try setUp(isRoot ? warn : { _ in })
  let checkpoints = RunCheckpoints(setup, acceptsDataChange: options.acceptsDataChange, warn: warn)
  if let lock = lock ?? nil {
    for swept in try checkpoints.store.sweep(holding: lock) + LockedTowers.sweep(directory, holding: lock) {
      logger.info("removed \(swept.path), \(swept.bytes) bytes that a process which died has left")
    }
  }
  var differences: [String] = []
  let restored = try checkpoints.restore(resume, warn: warn) { differences.append($0) }?
    .onData(of: setup, warn: isRoot ? warn : { _ in })
  let products = try setup.trained.decideProducts(
    kept: restored.map { $0.products ?? ProductChoice(.openBLAS) }, faster: options.fasterProducts,
    warn: isRoot ? warn : { _ in })
  let loading = restored == nil ? try setup.trained.initializeWeights() : []
  let position = restored?.position ?? LoaderPosition()
  let stepsPerEpoch =
    try setup.privacy?.stepsPerEpoch
    ?? setup.dataSet.samples(split: configuration.data.split).count / configuration.batch.global
  let schedule = configuration.learningRates(stepsAnEpoch: stepsPerEpoch)
  var state =
    restored
    ?? TrainingState(
      step: 0, position: position, seed: configuration.seed, ranks: communicator.size,
      dataFingerprint: setup.dataSet.fingerprint, configuration: setup.configuration.yaml(withOrigins: false),
      best: nil,
      seconds: 0, stepGuard: nil)
  state.products = products
  if !state.putGroups(in: setup), isRoot {
    warn("the data have other groups than before (objective.group_by): their weights begin again")
  }

  if !state.putBalance(in: setup), isRoot {
    warn("the task looks at other modalities than before (task.inputs): their scores begin again")
  }

  let steps = max(0, schedule.totalSteps - state.step)
  let locked = try LockedTowers(
    setup, steps: steps,
    evaluations: configuration.evaluations(in: steps, stepsPerEpoch: stepsPerEpoch), threads: threads, output: output)
  // Statistics that come with weights, or were fitted when the run began, stay.
  let fitted =
    restored == nil && configuration.firstWeights == nil
    ? try FeatureStatistics(setup: setup, locked: locked, threads: threads)(output) : []
  let journal = RunJournal(
    log: isRoot ? MetricLog(path: directory + "/metrics.jsonl", warn: warn) : nil,
    events: isRoot && configuration.log.tensorBoard
      ? EventFile(directory: directory, after: state.step, now: clock(for: setup), warn: warn) : nil,
    progress: isRoot
      ? ProgressReporter(
        title: "training", unit: "step", total: schedule.totalSteps, completed: state.step, output: output) : nil)
  journal.recordStart(
    step: state.step, ranks: communicator.size, threads: threads, blasCore: Engine.blasCore, products: "\(products)",
    parameters: setup.arena.parameterCount, machine: options.machine, differences: differences)
  if isRoot {
    let shown = setup.configuration.withSizes(of: setup.model.description)
    try writeAtomically(shown.yaml(withOrigins: true).utf8, to: directory + "/configuration.yaml")
    journal.note(
      "\(setup.model.description.name), \(setup.arena.parameterCount) parameters, \(communicator.size) rank(s) × "
        + "\(threads) thread(s), \(setup.engine.precision.rawValue), \(Engine.blasCore) kernels, products by "
        + "\(products); \(schedule.totalSteps) steps of "
        + "\(configuration.batch.global) samples, \(schedule.warmupSteps) of them warm-up"
        + (restored == nil ? "" : "; going on after step \(state.step)"))
    for remark in setup.remarks { journal.note(remark) }
    for difference in differences { journal.note("goes on otherwise than before: \(difference)") }
    if state.step >= schedule.totalSteps, state.evaluationIsDue != true {
      journal.note(
        "nothing is left to do: the run has done \(state.step) steps, and the schedule has \(schedule.totalSteps)")
    }
    for line in loading.flatMap(lines) { journal.note(line) }
    for report in locked.reports { journal.record(report) }
    for sentence in fitted { journal.note(sentence) }
  }
  let rehearsal =
    options.faults.isEmpty
    ? nil : FaultRehearsal(options.faults, rank: communicator.rank, directory: directory)
  let runner = try makeRunner(
    setup, locked, state, rehearsal, steps: schedule.totalSteps, threads: threads,
    machine: setup.privateMachine(products, locked, threads: threads, processor: options.machine?.processor),
    note: journal.note)
  var trainer = Trainer(
    setup: setup, runner: runner, locked: locked, schedule: schedule, rehearsal: rehearsal, checkpoints: checkpoints,
    journal: journal, grace: StopGrace(seconds: options.graceSeconds), state: state)
  let end = try trainer.run()
  let given = runner.privacy.map { "; given away: \($0.brief) by \($0.accountant.rawValue)" } ?? ""
  let summary = trainer.summarize(end) + locked.savings + given
  try communicator.barrier("end of the run")
  if end == .complete { locked.remove() }
  journal.finish("\(words(for: end, step: trainer.state.step, directory)); \(summary)")
  return TrainingOutcome(directory: directory, step: trainer.state.step, isComplete: end == .complete)
}

/// Of events that TensorBoard shows: in a private run it stands still, as the time that a step takes says how many units it drew.
private func clock(for setup: RunSetup) -> () -> Double {
  let now = secondsSince1970()
  guard setup.privacy != nil else { return now }
  let start = now()
  return { start }
}

private func words(for end: Trainer.End, step: Int, _ directory: String) -> String {
  switch end {
  case .complete: directory
  case .stopped: "stopped on request at step \(step), saved in \(directory)"
  case .stoppedUnsaved(let lost):
    "stopped at step \(step) without time to save before the launcher kills: \(lost) steps after the newest checkpoint of "
      + "\(directory) are lost (stop with SIGUSR1, or start with mmtrain train --ranks)"
  }
}

extension RunConfiguration {
  var stepGuard: StepGuard.Settings {
    StepGuard.Settings(
      spikeFactor: safeguards.spikeFactor, window: safeguards.window, maximumSkips: safeguards.maximumSkips)
  }
}

extension RunConfiguration {
  /// How often the validation split is measured in so many steps.
  fileprivate func evaluations(in steps: Int, stepsPerEpoch: Int) -> Int {
    let every = evaluation.everyEpochs * stepsPerEpoch
    return every > 0 ? max(1, steps / every) : 1
  }
}

extension TrainingState {
  /// Goes on with the weights of groups that were saved.
  /// - Returns: false where these are of other groups.
  func putGroups(in setup: RunSetup) -> Bool {
    guard let groups, let own = setup.trained.objective.groups else { return true }
    return own.takeUp(groups)
  }

  /// Goes on with the scores of modalities that were saved.
  /// - Returns: false where these are of other modalities.
  func putBalance(in setup: RunSetup) -> Bool {
    guard let balance, let own = setup.trained.objective.balance else { return true }
    return own.takeUp(balance)
  }

  /// The state as it goes on with the data set of `setup`, which may be another one than before: then where its epoch is
  /// too short for the position, the next epoch begins.
  fileprivate func onData(of setup: RunSetup, warn: (String) -> Void) -> TrainingState {
    guard dataFingerprint != setup.dataSet.fingerprint else { return self }
    var state = self
    state.dataFingerprint = setup.dataSet.fingerprint
    let samples = setup.dataSet.manifest.splits.first { $0.name == setup.configuration.data.split }?.samples ?? 0
    if position.batch >= samples / setup.configuration.batch.global {
      state.position = LoaderPosition(epoch: position.epoch + 1)
    }
    warn("going on with another data set than before (--accept-data-change): \(setup.dataSet.path)")
    return state
  }
}

/// What takes the steps of a run, from where it stands on. Collective.
/// - Parameters:
///   - steps: of the whole run.
///   - machine: what the bits of a private step hang on.
private func makeRunner(
  _ setup: RunSetup, _ locked: LockedTowers, _ state: TrainingState, _ rehearsal: FaultRehearsal?, steps: Int,
  threads: Int, machine: String, note: (String) -> Void
) throws -> any StepRunner {
  let settings = loaderSettings(setup.configuration, setup, locked.unread(setup.columns), threads: threads)
  guard let terms = setup.privacy else {
    let loader = try BatchLoader(
      dataSet: setup.dataSet, tokenizer: setup.tokenizer, preprocessing: setup.preprocessing, settings: settings,
      position: state.position)
    let step = GuardedStep(
      optimize: TrainingStep(setup: setup.trained, rehearsal: rehearsal), settings: setup.configuration.stepGuard)
    return BatchRunner(setup: setup, loader: loader, locked: locked, optimize: step)
  }
  let run = try PrivateRun(terms, setup, state, machine: machine, note: note)
  let draws = run.draws
  let loader = try UnitLoader(
    dataSet: setup.dataSet, tokenizer: setup.tokenizer, preprocessing: setup.preprocessing, settings: settings,
    step: state.step
  ) { draws.samples(step: $0) }
  let reached = try ReachedParameters(setup: setup, locked: locked, settings: settings)()
  let unreached = setup.arena.parameters.enumerated().filter { $1.tensor.requiresGradient && !reached.contains($0) }
  if !unreached.isEmpty {
    note(
      "no loss reaches \(unreached.count) of the model's parameters, \(unreached[0].element.slices[0].name) the first: they get no noise"
    )
  }
  return PrivateRunner(
    setup: setup, run: run, loader: loader, locked: locked,
    learn: PrivateStep(setup.trained, run, reached: reached), steps: steps)
}

/// What a person wants to know of the weights that were read.
private func lines(of report: LoadingReport) -> [String] {
  let changed = report.loaded.filter { loaded in
    loaded.change.map { ["interpolated", "the first", "summed", "begun"].contains(where: $0.hasPrefix) } ?? false
  }
  return [report.summary] + (report.note.map { [$0] } ?? []) + changed.map { "\($0.name): \($0.change ?? "")" }
    + (report.isExact ? [] : ["not everything fits:\n  \(report)"])
}

/// How training reads its batches.
func loaderSettings(
  _ configuration: RunConfiguration, _ setup: RunSetup, _ columns: ColumnSet, threads: Int
) -> LoaderSettings {
  LoaderSettings(
    split: configuration.data.split, columns: columns, columnsOfEachSample: setup.task.columnsOfEachSample,
    photosMayBeAbsent: setup.task.lacking.contains(.image),
    frames: setup.model.description.images.frames, contextLength: setup.model.description.texts.contextLength,
    regionLimits: setup.model.description.images.regionLimits,
    augmentation: configuration.data.augmentation.values,
    clips: setup.trainingClips, mixUp: MixUp(part: Float(configuration.data.mixUp)),
    wordDrop: WordDrop(probability: Float(configuration.data.wordDrop)), decoding: configuration.data.decoding,
    choice: configuration.data.caption, shuffle: configuration.data.shuffle,
    drawnInTurn: setup.drawnInTurn, globalBatch: configuration.batch.global, rank: setup.communicator.rank,
    ranks: setup.communicator.size,
    seed: configuration.seed, workers: configuration.data.workers ?? max(1, threads / 2))
}
