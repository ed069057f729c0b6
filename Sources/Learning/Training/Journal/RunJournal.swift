internal import Batching
internal import Configuration
internal import Evaluation
internal import Foundation
internal import Inference
internal import Reporting
internal import Safeguards
internal import TensorEngine

/// What a run tells: metrics.jsonl for machines, event files for TensorBoard where these are asked for, progress for people. Rank 0 has one
/// with a log, the others a silent one.
final class RunJournal {
  private let log: MetricLog?
  private let events: EventFile?
  private let progress: ProgressReporter?
  private var summary = Summary()
  private var hasShownPhotos = false

  /// What happened since this start.
  private struct Summary {
    let start = monotonicSeconds()
    var saves = 0
    var failedSaves = 0
    var skips = 0
    var rewinds = 0
    /// Of a private run, as it was counted last.
    var epsilon: Double?
  }

  init(log: MetricLog?, events: EventFile? = nil, progress: ProgressReporter?) {
    (self.log, self.events, self.progress) = (log, events, progress)
  }

  private func write(event: String, _ members: [(String, OrderedJSON)]) {
    log?.write(event: event, members)
    events?.write(event: event, members)
  }

  func record(_ metrics: StepMetrics) {
    write(event: "step", metrics.members)
    if let epsilon = metrics.privacy?.epsilon { summary.epsilon = epsilon }
    progress?.update(
      completed: metrics.step,
      detail: metrics.privacy == nil
        ? "loss \(brief(Double(metrics.loss)))\(metrics.figureWords) · \(brief(metrics.samplesPerSecond)) samples/s · epoch \(metrics.epoch + 1)"
        : (summary.epsilon.map { "ε \(decimals($0, 3)) · " } ?? "") + "epoch \(metrics.epoch + 1)")
  }

  /// Of what is learnt, which goes on.
  func recordWarning(_ words: String, step: Int) {
    write(event: "warning", [("step", .integer(step)), ("text", .text(words))])
    progress?.note("WARNING: step \(step): \(words)")
  }

  /// - Parameter shown: of how many samples the texts are shown that the model writes of them, where it writes any.
  func record(_ report: any TaskReport, step: Int, epoch: Int, shown: Int) {
    guard log != nil else { return }
    let samples = report.samples.prefix(shown)
    let members: [(String, OrderedJSON)] = [("step", .integer(step)), ("epoch", .integer(epoch))] + report.members
    let texts: (String, OrderedJSON) = ("texts", .list(samples.map { .object($0.members) }))
    write(event: "evaluation", members + (samples.isEmpty ? [] : [texts]))
    events?.write(step: step, samples)
    let figures = report.summary.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
    progress?.note((["epoch \(epoch): \(figures)"] + samples.map(\.line)).joined(separator: "\n"))
  }

  /// What only TensorBoard shows of an evaluation: how the weights are distributed, and in the first one since this start the photos of
  /// the samples whose texts are shown.
  func recordPictures(of setup: RunSetup, _ report: any TaskReport, step: Int, shown: Int) {
    guard let events else { return }
    events.write(step: step, weightsOf: setup.arena)
    let samples = report.samples.prefix(shown)
    let split = setup.configuration.evaluation.split
    guard !samples.isEmpty, !hasShownPhotos else { return }
    hasShownPhotos = true
    guard let photos = try? SplitPhotos(setup.dataSet, split: split) else {
      progress?.note("WARNING: the photos of the split \(split) cannot be opened: TensorBoard shows none")
      return
    }
    events.write(step: step, photosOf: samples) { photos.thumbnail(at: $0, side: 320) }
  }

  /// - Parameters:
  ///   - count: evaluations in a row that count against the run.
  ///   - limit: how many end it; 0 for none.
  func recordTexts(_ fault: TextWatch.Fault, step: Int, count: Int, of limit: Int) {
    log?.write(
      event: "same_texts", [("step", .integer(step)), ("fault", .text(fault.rawValue)), ("count", .integer(count))])
    let meaning =
      count == 0
      ? "as of any model that has just begun"
      : limit == 0 ? "" : "\(count) of \(limit) evaluations in a row that end the run (guard.same_texts)"
    progress?.note("WARNING: step \(step): \(fault.words)\(meaning.isEmpty ? "" : "; \(meaning)")")
  }

  func record(_ report: LockedTowers.Report) {
    write(event: "locked_tower", report.members)
    progress?.note(report.sentence)
  }

  func recordSave(step: Int, _ outcome: SaveOutcome) {
    switch outcome {
    case .saved(let seconds):
      summary.saves += 1
      log?.write(
        event: "checkpoint", [("step", .integer(step)), ("seconds", .number((seconds * 1e6).rounded() / 1e6))])
    case .failed(let reason, _):
      summary.failedSaves += 1
      write(event: "checkpoint_failed", [("step", .integer(step)), ("reason", .text(reason))])
      progress?.note(
        "WARNING: step \(step) could not be saved: \(reason)\n"
          + "Training goes on and tries again at the next checkpoint; until then a crash loses more steps")
    }
  }

  func record(_ incident: Incident) {
    if incident.isSkipped { summary.skips += 1 }
    write(event: "unsound_step", incident.members)
    progress?.note("WARNING: \(incident.sentence)")
  }

  /// - Parameters:
  ///   - earlier: the step whose weights are in place again.
  ///   - position: the first batch that is passed over.
  func recordRewind(step: Int, to earlier: Int, from position: LoaderPosition) {
    summary.rewinds += 1
    log?.write(
      event: "rewound",
      [
        ("step", .integer(step)), ("to_step", .integer(earlier)),
        ("passed_over", .object([("epoch", .integer(position.epoch)), ("batch", .integer(position.batch))])),
      ])
    progress?.note(
      "WARNING: step \(step): too many spikes; weights and moments are again those of step \(earlier), and the batches of "
        + "steps \(earlier + 1) to \(step) are passed over")
  }

  func record(_ healed: WeightCheck.Healed, step: Int) {
    log?.write(
      event: "weights_healed",
      [
        ("step", .integer(step)), ("array", .text(healed.name)),
        ("ranks", .list(healed.ranks.map { .integer($0) })), ("source", .integer(healed.source)),
      ])
    progress?.note("WARNING: step \(step): \(healed.sentence)")
  }

  func record(_ report: RankWatch.Report, step: Int) {
    write(event: "ranks", [("step", .integer(step))] + report.members)
    if let warning = report.warning { progress?.note("WARNING: step \(step): \(warning)") }
  }

  func record(_ verdict: OverlapVerdict, step: Int) {
    write(event: "overlap", [("step", .integer(step))] + verdict.members)
    progress?.note(verdict.sentence)
  }

  /// What became of this start: the last line of its kind in `metrics.jsonl`, and words for a person.
  /// - Parameters:
  ///   - steps: done since this start.
  ///   - stepSeconds: of those whose gradients were used.
  ///   - tellsTimes: whether the log says how long all that took.
  func recordEnd(step: Int, steps: Int, stepSeconds: Double, isComplete: Bool, tellsTimes: Bool = true) -> String {
    let seconds = monotonicSeconds() - summary.start
    let goodput = seconds > 0 ? stepSeconds / seconds : 0
    log?.write(
      event: "end",
      [
        ("step", .integer(step)), ("steps", .integer(steps)), ("complete", .flag(isComplete)),
      ]
        + (tellsTimes
          ? [
            ("seconds", .number((seconds * 1e3).rounded() / 1e3)),
            ("goodput", .number((goodput * 1e4).rounded() / 1e4)),
          ] : []) + [
          ("saves", .integer(summary.saves)), ("failed_saves", .integer(summary.failedSaves)),
          ("skipped_steps", .integer(summary.skips)), ("rewinds", .integer(summary.rewinds)),
        ])
    let troubles =
      (summary.skips > 0 ? ", \(summary.skips) skipped" : "")
      + (summary.rewinds > 0 ? ", \(summary.rewinds) rewinds" : "")
      + (summary.failedSaves > 0 ? ", \(summary.failedSaves) saves failed" : "")
    return
      "\(steps) steps, \(summary.saves) checkpoints\(troubles), \(Int((goodput * 100).rounded())) % of the time in steps"
  }

  /// - Parameter differences: what is not as it was in the start before.
  func recordStart(
    step: Int, ranks: Int, threads: Int, blasCore: String, products: String, parameters: Int, machine: RunMachine?,
    differences: [String]
  ) {
    log?.write(
      event: "start",
      [
        ("step", .integer(step)), ("ranks", .integer(ranks)), ("threads", .integer(threads)),
        ("blas_core", .text(blasCore)), ("products", .text(products)), ("kernels", .text(KernelLevel.best.rawValue)),
        ("parameters", .integer(parameters)),
      ] + (machine?.members ?? [])
        + (differences.isEmpty ? [] : [("differences", .list(differences.map { .text($0) }))]))
  }

  func note(_ line: String) { progress?.note(line) }

  func finish(_ line: String) { progress?.finish(detail: line) }
}

extension RunMachine {
  fileprivate var members: [(String, OrderedJSON)] {
    [
      ("version", .text(version)), ("processor", .text(processor)), ("cores", .integer(cores)),
      ("memory_bytes", .integer(memoryBytes)),
    ]
  }
}
