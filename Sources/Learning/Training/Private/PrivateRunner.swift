internal import Batching
internal import Objectives
internal import Privacy
internal import Reporting
internal import Safeguards

/// Steps of a private run: of samples that are drawn one by one. Nothing that is said of a step tells of them.
struct PrivateRunner: StepRunner {
  let setup: RunSetup
  let run: PrivateRun
  let loader: UnitLoader
  let locked: LockedTowers
  let learn: PrivateStep
  /// Of the whole run.
  let steps: Int

  var position: LoaderPosition { Self.position(ofStep: loader.step, run.terms) }

  var privacy: PrivacyStatement? { run.statement() }
  var ledger: String? { run.chain }

  /// The steps of an epoch draw as many units in the mean as there are.
  static func position(ofStep step: Int, _ terms: PrivateTerms) -> LoaderPosition {
    LoaderPosition(epoch: step / terms.stepsPerEpoch, batch: step % terms.stepsPerEpoch)
  }

  /// A step is what its draws make it: none is skipped, and nothing is taken of its losses.
  func take(step: Int, rate: Float, _ stepGuard: inout StepGuard) throws -> TakenStep {
    let epoch = position.epoch
    let count = try loader.begin()
    var waited = 0.0
    let norm = try learn(count, piece: UnitLoader.piece, rate: rate, step: step) {
      let start = monotonicSeconds()
      let unit = try loader.next()
      waited += monotonicSeconds() - start
      return (batch: setup.stepBatch(unit, locked, step: step), sample: unit.samples[0])
    }
    return TakenStep(
      loss: 0, parts: [], gradientNorm: norm, samples: run.terms.plan.batch, epoch: epoch, dataSeconds: waited,
      privacy: StepPrivacy(epsilon: isCounted(step + 1) ? privacy?.epsilon : nil))
  }

  /// Twenty times in a run, and at its end: counting takes longer than a step of a small model.
  private func isCounted(_ step: Int) -> Bool { step == steps || step.isMultiple(of: max(1, steps / 20)) }
}
