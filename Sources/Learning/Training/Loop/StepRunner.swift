internal import Batching
internal import Privacy
internal import Safeguards

/// Takes one step after the other: reads its samples, learns of them, and says what came of it.
protocol StepRunner {
  /// Of the samples that come next.
  var position: LoaderPosition { get }

  /// Collective.
  /// - Parameters:
  ///   - step: counted from 0.
  ///   - stepGuard: what is known of the steps before; takes this one in.
  func take(step: Int, rate: Float, _ stepGuard: inout StepGuard) throws -> TakenStep

  /// What all steps have given away so far, on rank 0; nil for a run that promises nothing.
  var privacy: PrivacyStatement? { get }
  /// The hash of the ledger, on rank 0; likewise.
  var ledger: String? { get }
}

extension StepRunner {
  var privacy: PrivacyStatement? { nil }
  var ledger: String? { nil }
}

/// What came of a step; the same on all ranks, but for its times.
struct TakenStep {
  let loss: Double
  /// The parts of the loss, unweighted.
  let parts: [(name: String, value: Float)]
  let gradientNorm: Double
  /// Of all ranks.
  let samples: Int
  /// Counted from 0.
  let epoch: Int
  /// Waiting for the samples.
  let dataSeconds: Double
  /// What was wrong with it; nil where nothing was.
  var incident: Incident?
  /// Of a private run: then nothing is told of the samples.
  var privacy: StepPrivacy?
}
