public import Reporting
public import Safeguards

/// What can stop a run, beside the errors of the rooms below.
public enum TrainingError: ReportableError {
  /// The loss or the gradient stopped being finite.
  case diverged(step: Int, loss: Double, gradientNorm: Double)
  /// An array of the weights holds something else than finite numbers.
  case notFinite(step: Int, array: String)
  /// More unsound steps than `guard.max_skips` puts up with.
  case tooManySkips(step: Int, skipped: [Int], window: Int, last: String)
  /// Texts that say nothing of what they are written about, again and again.
  case sameTexts(step: Int, fault: TextWatch.Fault, count: Int, text: String)
  /// Another rank's inputs are not rank 0's.
  case inputsDiffer(what: String, ranks: [Int], advice: String)
  /// Something that must be equal on all ranks is not.
  case ranksDisagree(what: String, ranks: [Int], advice: String)
  /// Another rank failed at work that all wait for; it has said why.
  case otherRankFailed(what: String)
  case noCheckpoint(path: String)
  /// A run whose best checkpoint was named.
  case noBest(path: String, reason: String)
  /// `--resume never` on a directory that holds a run.
  case outputInUse(path: String)
  /// A checkpoint that does not fit the run.
  case checkpointDiffers(path: String, what: String)
  case unsupported(key: String, what: String)
  case badModelDirectory(path: String, problem: String)
  case tooFewSamples(split: String, count: Int, needed: Int)

  public var description: String {
    switch self {
    case .diverged(let step, let loss, let norm):
      """
      step \(step): the loss is \(loss) and the gradient's norm \(norm); the weights of this step were not used. \
      Lower optimizer.learning_rate, raise schedule.warmup_steps, or look at the data of this step
      """
    case .notFinite(let step, let array):
      "step \(step): the weights \(array) are no longer finite numbers; nothing was saved, and the checkpoints before it "
        + "are whole. Lower optimizer.learning_rate and go on from one of them"
    case .tooManySkips(let step, let skipped, let window, let last):
      """
      step \(step): \(skipped.count) of the last \(window) steps had to be skipped \
      (\(skipped.map(String.init).joined(separator: ", "))); the last of them: \(printable(last, limit: 400)). The \
      checkpoints before are whole. Lower optimizer.learning_rate, look at the samples that metrics.jsonl lists, or raise \
      guard.max_skips
      """
    case .sameTexts(let step, let fault, let count, let text):
      "step \(step): in \(count) evaluations in a row \(fault.words) (\"\(printable(text, limit: 80))\"): the model no longer looks at what it "
        + "writes about. \(fault.advice) Where such texts are right, set guard.same_texts to 0"
    case .ranksDisagree(let what, let ranks, let advice), .inputsDiffer(let what, let ranks, let advice):
      "\(what) differs on rank \(ranks.map(String.init).joined(separator: ", ")) from rank 0; \(advice)"
    case .otherRankFailed(let what):
      "another rank failed at \(what); its message says why"
    case .noCheckpoint(let path):
      "\(printable(path)) holds no valid checkpoint; give a run directory or a checkpoint of one"
    case .noBest(let path, let reason):
      "\(printable(path)) has no best checkpoint: \(reason); name \(printable(path))/last, or one of its checkpoints/"
    case .outputInUse(let path):
      "\(printable(path)) holds a run already; resume it (--resume auto) or choose another --output"
    case .checkpointDiffers(let path, let what):
      "\(printable(path)) does not fit this run: \(printable(what, limit: 800))"
    case .unsupported(let key, let what):
      "\(key): \(what)"
    case .badModelDirectory(let path, let problem):
      "\(printable(path)) is no model that mmtrain can read: \(printable(problem, limit: 800))"
    case .tooFewSamples(let split, let count, let needed):
      "the split \(printable(split)) has \(count) samples, \(needed) are needed; lower batch.global or add data"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .diverged, .notFinite, .tooManySkips, .sameTexts: .diverged
    case .inputsDiffer: .missingInput
    case .ranksDisagree: .ranksDisagree
    case .otherRankFailed: .internalError
    case .noCheckpoint, .noBest: .missingInput
    case .outputInUse: .cannotCreateOutput
    case .checkpointDiffers, .unsupported: .configuration
    case .badModelDirectory, .tooFewSamples: .badData
    }
  }
}
