internal import Batching
internal import Collectives
internal import Configuration
internal import Evaluation
internal import Layers
internal import Models
internal import Objectives
internal import Optimizers
internal import Reporting
internal import Safeguards
internal import Tasks
internal import TensorEngine

/// The training loop: a step after the other, and between steps what is due: comparing ranks, measuring, saving, stopping.
/// What a step is made of stands in `TrainingStep`, in the order of docs/flow.md.
///
/// Whatever decides how the loop goes on (the loss, the norm, a request to stop) is the same number on all ranks
/// before it is looked at.
struct Trainer {
  let setup: RunSetup
  let runner: any StepRunner
  let locked: LockedTowers
  let schedule: Schedule
  let rehearsal: FaultRehearsal?
  let checkpoints: RunCheckpoints
  let journal: RunJournal
  let grace: StopGrace
  var state: TrainingState
  private var watch = RankWatch()
  private var progress = Progress()

  /// What was done since this start.
  struct Progress {
    var steps = 0
    /// Of the steps whose gradients were used.
    var stepSeconds = 0.0
    /// The newest checkpoint's step, and what it took to save it.
    var savedStep: Int?
    var saveSeconds = 0.0
    /// The weights were put back since then: a run that is broken off must not go on from within the spikes.
    var isRewound = false
  }

  /// How a run ends.
  enum End: Equatable {
    case complete
    case stopped
    /// There was no time to save; so many steps are lost.
    case stoppedUnsaved(lostSteps: Int)
  }

  init(
    setup: RunSetup, runner: any StepRunner, locked: LockedTowers, schedule: Schedule, rehearsal: FaultRehearsal?,
    checkpoints: RunCheckpoints, journal: RunJournal, grace: StopGrace, state: TrainingState
  ) {
    (self.setup, self.runner, self.locked, self.schedule) = (setup, runner, locked, schedule)
    self.rehearsal = rehearsal
    (self.checkpoints, self.journal, self.grace, self.state) = (checkpoints, journal, grace, state)
    progress.savedStep = state.step
  }

  /// Runs until the schedule ends or somebody asks to stop.
  mutating func run() throws -> End {
    let isComplete = isOver && state.evaluationIsDue != true
    // Asked while weights were read: all that was trained lies on the disk.
    if try stopRequested() != .none, !isComplete { return .stopped }
    // What a request to stop has put off.
    if state.evaluationIsDue == true, try !evaluate(mayFail: state.step < schedule.totalSteps) { return .stopped }
    while !isOver {
      try step()
      let ends = state.step == schedule.totalSteps
      state.evaluationIsDue = isEvaluationDue(ends: ends) ? true : nil
      var urgency = try stopRequested()
      if urgency == .none, state.evaluationIsDue == true {
        if try evaluate(mayFail: !ends) { continue }
        urgency = try stopRequested()
      }
      if urgency == .hurry, !ends, try !grace.allowsSave(expectedSaveSeconds, setup.communicator) {
        return .stoppedUnsaved(lostSteps: state.step - (progress.savedStep ?? 0))
      }
      let stops = urgency != .none
      if stops || ends || isCheckpointDue { _ = try save(nil, mayFail: !stops && !ends) }
      if stops, !ends || state.evaluationIsDue == true { return .stopped }
    }
    return .complete
  }

  /// Whether nothing is left to do: the schedule ends, or as many evaluations as there is patience for were no better than the best
  /// before them. All ranks know the same figures.
  private var isOver: Bool { state.step >= schedule.totalSteps || isPatienceOver }

  private var isPatienceOver: Bool {
    setup.configuration.evaluation.patience.map { state.evaluationsSinceBest ?? 0 >= $0 } ?? false
  }

  /// Words for a person on what this start came to.
  func summarize(_ end: End) -> String {
    journal.recordEnd(
      step: state.step, steps: progress.steps, stepSeconds: progress.stepSeconds, isComplete: end == .complete,
      tellsTimes: setup.privacy == nil)
  }

  // MARK: One step

  private mutating func step() throws {
    let start = monotonicSeconds()
    try rehearsal?.beforeStep(state.step + 1, setup.communicator)
    let communicationBefore = setup.communicator.waits.secondsInCalls
    let rate = schedule.learningRate(at: state.step)
    var stepGuard = state.stepGuard ?? StepGuard()
    let taken = try runner.take(step: state.step, rate: rate, &stepGuard)

    state.step += 1
    state.position = runner.position
    state.updates = setup.optimizer.stepCount
    state.groups = setup.trained.objective.groups?.state
    state.balance = setup.trained.objective.balance?.state
    let seconds = monotonicSeconds() - start
    // Of a private run that would say how many units steps drew.
    if taken.privacy == nil { state.seconds += seconds }
    let isSkipped = taken.incident?.isSkipped ?? false
    progress.steps += 1
    if !isSkipped { progress.stepSeconds += seconds }
    var metrics = StepMetrics(
      step: state.step, epoch: taken.epoch, loss: Float(taken.loss), losses: taken.parts,
      learningRate: Double(rate), gradientNorm: Float(taken.gradientNorm),
      logitScale: (setup.model as? any FeatureModel).map { Float($0.logitFactor) },
      samplesPerSecond: Double(taken.samples) / seconds, stepSeconds: seconds, dataSeconds: taken.dataSeconds,
      communicationSeconds: setup.communicator.waits.secondsInCalls - communicationBefore)
    metrics.privacy = taken.privacy
    metrics.groups = setup.trained.objective.groups?.lastStep ?? []
    metrics.modalities = setup.trained.objective.balance?.lastStep ?? []
    metrics.figures = taken.privacy == nil ? setup.trained.objective.figures : []
    if !isSkipped { journal.record(metrics) }
    for warning in setup.trained.objective.takeWarnings() { journal.recordWarning(warning, step: state.step) }
    if let verdict = setup.trained.overlap.takeVerdict() { journal.record(verdict, step: state.step) }
    if let incident = taken.incident { try take(incident, &stepGuard) }
    state.stepGuard = stepGuard
    try compareRanksIfDue(metrics)
  }

  private mutating func take(_ incident: Incident, _ stepGuard: inout StepGuard) throws {
    journal.record(incident)
    guard incident.isSkipped, stepGuard.skip(step: incident.step, setup.configuration.stepGuard) else { return }
    if incident.fault == .spike, try rewind(&stepGuard) { return }
    throw TrainingError.tooManySkips(
      step: incident.step, skipped: stepGuard.skipped, window: setup.configuration.stepGuard.window,
      last: incident.sentence)
  }

  /// Where spikes do not end, the weights are at fault: puts them back to the checkpoint before the first of the spikes and
  /// goes on with the batches that come next, so that all since then are passed over (Chowdhery et al., "PaLM", 2022,
  /// section 5.1).
  /// - Returns: false where this was done too often already, or there is no such checkpoint.
  private mutating func rewind(_ stepGuard: inout StepGuard) throws -> Bool {
    let rewinds = state.rewinds ?? 0
    guard rewinds < setup.configuration.safeguards.rewinds, let first = stepGuard.skipped.first,
      let before = try checkpoints.rewind(to: first - 1)
    else { return false }
    journal.recordRewind(step: state.step, to: before.step, from: before.position)
    stepGuard = before.stepGuard ?? StepGuard()
    stepGuard.forgetSkips()
    _ = (before.putGroups(in: setup), before.putBalance(in: setup))
    (state.groups, state.balance) = (before.groups, before.balance)
    (state.rewinds, state.updates, state.stepGuard) = (rewinds + 1, before.updates ?? before.step, stepGuard)
    progress.isRewound = true
    return true
  }

  // MARK: Between steps

  /// The most urgent request that any rank has received.
  private func stopRequested() throws -> StopRequest.Urgency {
    var urgency = StopRequest.urgency.rawValue
    try withUnsafeMutablePointer(to: &urgency) {
      try setup.communicator.allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), .maximum, "request to stop")
    }
    return StopRequest.Urgency(rawValue: urgency) ?? .save
  }

  private mutating func compareRanksIfDue(_ metrics: StepMetrics) throws {
    watch.add(metrics)
    let every = setup.configuration.safeguards.checkEvery
    guard every > 0, state.step.isMultiple(of: every), setup.communicator.size > 1 else { return }
    try compareWeights()
    let report = try watch.report(setup.communicator)
    // How long ranks take says how many units they drew.
    if setup.privacy == nil { journal.record(report, step: state.step) }
  }

  private func compareWeights() throws {
    guard setup.communicator.size > 1 else { return }
    for healed in try WeightCheck(setup: setup.trained)() { journal.record(healed, step: state.step) }
  }

  private var isCheckpointDue: Bool {
    let every = setup.configuration.checkpoint.everySteps
    return progress.isRewound || every > 0 && state.step.isMultiple(of: every)
  }

  /// Whether it is time to measure on the validation split: after so many epochs, and at the end.
  private func isEvaluationDue(ends: Bool) -> Bool {
    let settings = setup.configuration.evaluation
    let epochEnded = runner.position.batch == 0
    let isDue = settings.everyEpochs > 0 && epochEnded && runner.position.epoch.isMultiple(of: settings.everyEpochs)
    return (isDue || ends) && setup.dataSet.manifest.splits.contains { $0.name == settings.split }
  }

  /// Measures on the validation split, and saves: the best weights are never only in memory.
  /// - Returns: false where somebody asked to stop meanwhile: then nothing was saved, and measuring is still due.
  private mutating func evaluate(mayFail: Bool) throws -> Bool {
    guard let report = try measure() else { return false }
    let epochsDone = runner.position.epoch
    state.evaluationIsDue = nil
    let shown = setup.configuration.evaluation.shown
    journal.record(report, step: state.step, epoch: epochsDone, shown: shown)
    journal.recordPictures(of: setup, report, step: state.step, shown: shown)
    let value = report.score
    let isBest = value > state.best?.value ?? -.infinity
    let bestBefore = (state.best, state.evaluationsSinceBest)
    if isBest { state.best = TrainingState.Best(step: state.step, value: value) }
    state.evaluationsSinceBest = isBest ? 0 : (state.evaluationsSinceBest ?? 0) + 1
    let end = watchTexts(of: report, isBetter: isBest)
    let isSaved = try save(report, mayFail: mayFail)
    if !isSaved { (state.best, state.evaluationsSinceBest) = bestBefore }
    if let end { throw end }
    if isPatienceOver, state.step < schedule.totalSteps { noteImpatience() }
    return true
  }

  /// Warns of texts that say nothing of what they are written about.
  /// - Returns: why the run ends, where that goes on.
  private mutating func watchTexts(of report: any TaskReport, isBetter: Bool) -> TrainingError? {
    guard !report.samples.isEmpty else { return nil }
    var watch = state.texts ?? TextWatch()
    let verdict = watch.take(
      report.samples, isWarm: state.step >= schedule.warmupSteps, isBetter: isBetter,
      limit: setup.configuration.safeguards.sameTexts)
    state.texts = watch
    switch verdict {
    case .sound: return nil
    case .warning(let fault, let count):
      journal.recordTexts(fault, step: state.step, count: count, of: setup.configuration.safeguards.sameTexts)
      return nil
    case .stop(let fault, let count):
      return .sameTexts(step: state.step, fault: fault, count: count, text: report.samples[0].text.words)
    }
  }

  private func noteImpatience() {
    guard let count = state.evaluationsSinceBest, let best = state.best else { return }
    journal.note(
      "\(count) evaluations in a row were no better than that of step \(best.step): training ends here "
        + "(evaluation.patience), and the best weights stay")
  }

  /// - Returns: nil where somebody asked to stop meanwhile.
  private func measure() throws -> (any TaskReport)? {
    var subject = MeasuredModel(
      setup.model, setup.tokenizer, setup.preprocessing, clips: setup.clipPreparation, setup.engine, setup.communicator)
    subject.head = setup.trained.head
    subject.matchedPairs = setup.configuration.evaluation.pairs
    subject.states = (locked.image?.evaluationStates, locked.text?.evaluationStates)
    let shown = setup.configuration.evaluation.shown
    subject.writtenSamples = shown == 0 ? 0 : max(shown, fewestWatchedTexts)
    subject.cut = EvaluationCut(isAsked: { StopRequest.urgency != .none }, communicator: setup.communicator)
    do {
      return try setup.task.measure(subject, on: setup.dataSet, split: setup.configuration.evaluation.split) { _, _ in }
    } catch is EvaluationCut.Request {
      journal.note("asked to stop: measuring on the validation split is put off until the run goes on")
      return nil
    }
  }

  /// - Parameter mayFail: whether there will be another try.
  /// - Returns: whether the checkpoint is there.
  private mutating func save(_ report: (any TaskReport)?, mayFail: Bool) throws -> Bool {
    // What one rank's memory has spoilt must not become the truth of all.
    try compareWeights()
    let privacy = runner.privacy
    state.ledger = runner.ledger
    let outcome = try attemptSave(mayFail: mayFail, setup.communicator) {
      guard let rehearsal else {
        return try checkpoints.save(state, report, privacy: privacy)
      }
      try rehearsal.duringSave(step: state.step) { try checkpoints.save(state, report, privacy: privacy) }
    }
    journal.recordSave(step: state.step, outcome)
    if case .saved(let seconds) = outcome {
      (progress.savedStep, progress.saveSeconds) = (state.step, seconds)
      progress.isRewound = false
    }
    return outcome.isSaved
  }

  /// What the last save took; before the first one a guess from the bytes, at a modest disk's speed.
  private var expectedSaveSeconds: Double {
    if progress.saveSeconds > 0 { return progress.saveSeconds }
    return Double(12 * setup.arena.count + 4 * setup.arena.lockedCount) / 200e6
  }
}
