internal import Batching
internal import Foundation
internal import Objectives
internal import Safeguards
internal import TensorEngine

/// What a run has to know to go on, beside weights and moments: `training_state/state.json`.
struct TrainingState: Codable, Equatable {
  /// The version of this layout.
  var format = 1
  /// Steps done.
  var step: Int
  /// The batch that comes next.
  var position: LoaderPosition
  var seed: UInt64
  var ranks: Int
  /// Of the prepared data set.
  var dataFingerprint: String
  /// The configuration of the last start as YAML, for the comparison when resuming.
  var configuration: String
  /// The best validation result so far, and the step it was measured at.
  var best: Best?
  /// Evaluations since then; nil in what older versions wrote, which did not count them.
  var evaluationsSinceBest: Int?
  /// Seconds of training, over all starts.
  var seconds: Double
  /// Steps whose gradients were used, as the optimizer counts them; nil in what older versions wrote, which used all.
  var updates: Int?
  /// The weights are still to be measured: somebody asked to stop just then.
  var evaluationIsDue: Bool?
  /// How often too many spikes have put the weights back so far.
  var rewinds: Int?
  /// What `--resume` named where this history began from a checkpoint that somebody chose.
  var begunFrom: String?
  /// What is known of the last steps' losses and norms; nil in what older versions wrote.
  var stepGuard: StepGuard?
  /// What is known of the texts of validations; nil where none are written.
  var texts: TextWatch?
  /// How much groups of samples count; nil where all samples count alike.
  var groups: GroupState?
  /// How far modalities are; nil where nobody looks.
  var balance: BalanceState?
  /// Which library computes fp32 products; nil in what older versions wrote, which used OpenBLAS.
  var products: ProductChoice?

  /// The hash of a private run's ledger when this was saved; nil for a run that promises nothing.
  var ledger: String?

  struct Best: Codable, Equatable {
    var step: Int
    var value: Double
  }

  func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try Array(encoder.encode(self)) + [10]
  }

  init(
    step: Int, position: LoaderPosition, seed: UInt64, ranks: Int, dataFingerprint: String, configuration: String,
    best: Best?, seconds: Double, stepGuard: StepGuard?
  ) {
    (self.step, self.position, self.seed, self.ranks) = (step, position, seed, ranks)
    (self.dataFingerprint, self.configuration) = (dataFingerprint, configuration)
    (self.best, self.seconds, self.stepGuard) = (best, seconds, stepGuard)
  }

  init(json: [UInt8]) throws {
    self = try JSONDecoder().decode(TrainingState.self, from: Data(json))
  }
}
