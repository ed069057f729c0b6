internal import Batching
internal import Collectives
internal import Evaluation
internal import Layers
internal import Models
internal import Objectives
internal import Optimizers
internal import Reporting
internal import TensorEngine

/// The training loop: one verb per station, in the order of docs/flow.md.
///
/// Whatever decides how the loop goes on (the loss, the norm, a request to stop) is the same number on all ranks
/// before it is looked at.
struct Trainer {
  let setup: RunSetup
  let loader: BatchLoader
  let schedule: Schedule
  let optimize: TrainingStep
  let checkpoints: RunCheckpoints
  let journal: RunJournal
  var state: TrainingState

  /// Runs until the schedule ends or somebody asks to stop.
  /// - Returns: whether the schedule's end was reached.
  mutating func run() throws -> Bool {
    var pendingSave = false
    while state.step < schedule.totalSteps {
      let metrics = try step()
      journal.record(metrics)
      pendingSave = true
      let epochEnded = loader.position.batch == 0
      let stops = try stopRequested()
      let ends = state.step == schedule.totalSteps
      if !stops, try evaluateIfDue(epochEnded: epochEnded, ends: ends) { pendingSave = false }
      if pendingSave, stops || ends || isCheckpointDue {
        try save(results: [], isBest: false)
        pendingSave = false
      }
      if stops, !ends { return false }
    }
    return true
  }

  // MARK: One step

  private mutating func step() throws -> StepMetrics {
    let start = monotonicSeconds()
    let communicationBefore = setup.communicator.waits.secondsInCalls
    let position = loader.position
    let batch = try loader.next()
    let loaded = monotonicSeconds()

    let rate = schedule.learningRate(at: state.step)
    let result = try optimize(setup.pairBatch(batch, step: state.step), rate: rate, step: state.step)

    state.step += 1
    state.position = loader.position
    let seconds = monotonicSeconds() - start
    state.seconds += seconds
    return StepMetrics(
      step: state.step, epoch: position.epoch, loss: Float(result.loss), losses: result.parts,
      learningRate: Double(rate), gradientNorm: Float(result.gradientNorm), logitScale: Float(scale(of: setup.model)),
      samplesPerSecond: Double(batch.globalCount) / seconds, stepSeconds: seconds, dataSeconds: loaded - start,
      communicationSeconds: setup.communicator.waits.secondsInCalls - communicationBefore)
  }

  // MARK: Between steps

  private func stopRequested() throws -> Bool {
    var flag: Int64 = StopRequest.isMade ? 1 : 0
    try withUnsafeMutablePointer(to: &flag) {
      try setup.communicator.allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), .maximum, "request to stop")
    }
    return flag != 0
  }

  private var isCheckpointDue: Bool {
    let every = setup.configuration.checkpoint.everySteps
    return every > 0 && state.step.isMultiple(of: every)
  }

  /// Measures on the validation split where it is time to, and saves: the best weights are never only in memory.
  private mutating func evaluateIfDue(epochEnded: Bool, ends: Bool) throws -> Bool {
    let settings = setup.configuration.evaluation
    let epochsDone = loader.position.epoch
    let isDue = settings.everyEpochs > 0 && epochEnded && epochsDone.isMultiple(of: settings.everyEpochs)
    guard isDue || ends, setup.dataSet.manifest.splits.contains(where: { $0.name == settings.split }) else {
      return false
    }
    let report = try ModelEvaluator(
      model: setup.model, tokenizer: setup.tokenizer, preprocessing: setup.preprocessing, engine: setup.engine,
      communicator: setup.communicator, workers: 1
    )(setup.dataSet, split: settings.split)
    journal.record(report, step: state.step, epoch: epochsDone)
    let value = validationScore(report)
    let isBest = value > state.best?.value ?? -1
    if isBest { state.best = TrainingState.Best(step: state.step, value: value) }
    try save(results: journal.rows(of: report), isBest: isBest)
    return true
  }

  private func save(results: [(name: String, value: String)], isBest: Bool) throws {
    let start = monotonicSeconds()
    try checkpoints.save(state, results: results, isBest: isBest)
    journal.recordSave(step: state.step, seconds: monotonicSeconds() - start)
  }
}

/// By what the best weights are chosen: the mean of the six recalls, and where the model has a matching head the mean of
/// that and the matching accuracy; in percent.
private func validationScore(_ report: EvaluationReport) -> Double {
  guard let retrieval = report.retrieval else { return 0 }
  let recalls = [retrieval.imageToText, retrieval.textToImage].map { ($0.r1 + $0.r5 + $0.r10) / 3 }
  let recall = (recalls[0] + recalls[1]) / 2
  return report.matching.map { (recall + $0.accuracy) / 2 } ?? recall
}

/// What logits are multiplied by.
private func scale(of model: ImageTextModel) -> Double { exponential(Double(model.towers.logitScale.tensor.value)) }
