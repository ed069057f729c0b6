internal import Batching
internal import Reporting
internal import Safeguards

/// A step whose numbers were not sound, and what became of it.
struct Incident {
  /// Counted from 1.
  let step: Int
  let position: LoaderPosition
  let fault: StepGuard.Fault
  let loss: Double
  let gradientNorm: Double
  /// What a loss and a norm may be at most just then, for a spike.
  let limit: (loss: Double, gradientNorm: Double)?
  let cause: Cause
  /// Whose own loss was not finite.
  let ranks: [Int]
  /// The samples of the global batch.
  let samples: [String]

  /// What computing the step a second time has shown.
  enum Cause: String {
    /// The second time its numbers were sound, and were used: not the data, but the machine.
    case transient
    /// The same again, bit for bit: the data or the model.
    case persistent
    /// Unsound again, but other numbers.
    case unsteady
    /// It was not computed again.
    case unknown
  }

  var isSkipped: Bool { cause != .transient }

  /// The line of `metrics.jsonl`.
  var members: [(String, OrderedJSON)] {
    [
      ("step", .integer(step)), ("epoch", .integer(position.epoch)), ("batch", .integer(position.batch)),
      ("fault", .text(fault.rawValue)), ("cause", .text(cause.rawValue)), ("skipped", .flag(isSkipped)),
      ("loss", .number(loss)), ("gradient_norm", .number(gradientNorm)),
      ("ranks", .list(ranks.map { .integer($0) })), ("samples", .list(samples.map { .text($0) })),
    ]
  }

  /// For a person.
  var sentence: String {
    let what =
      "step \(step): the loss is \(brief(loss)) and the gradient's norm \(brief(gradientNorm))"
      + (limit.map { ", where \(brief($0.loss)) and \(brief($0.gradientNorm)) are the most" } ?? "")
      + (ranks.isEmpty ? "" : " (rank \(ranks.map(String.init).joined(separator: ", ")))")
    return switch cause {
    case .transient:
      what + "; computed again it was sound, and that was used: a fault of the machine, not of the data"
    case .persistent: what + ", the same when computed again; the step is skipped, metrics.jsonl lists its samples"
    case .unsteady:
      what + ", and other unsound numbers when computed again: look at the machine; the step is skipped"
    case .unknown: what + "; the step is skipped, metrics.jsonl lists its samples"
    }
  }
}
