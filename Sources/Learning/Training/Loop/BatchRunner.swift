internal import Batching
internal import Reporting
internal import Safeguards

/// Steps of batches: each sample once an epoch.
struct BatchRunner: StepRunner {
  let setup: RunSetup
  let loader: BatchLoader
  let locked: LockedTowers
  let optimize: GuardedStep

  var position: LoaderPosition { loader.position }

  func take(step: Int, rate: Float, _ stepGuard: inout StepGuard) throws -> TakenStep {
    let (start, position) = (monotonicSeconds(), loader.position)
    let batch = try loader.next()
    let loaded = monotonicSeconds()
    let (result, unsound) = try optimize(
      { setup.stepBatch(batch, locked, step: step) }, rate: rate, step: step, &stepGuard)
    return TakenStep(
      loss: result.loss, parts: result.parts, gradientNorm: result.gradientNorm, samples: batch.globalCount,
      epoch: position.epoch, dataSeconds: loaded - start,
      incident: unsound?.incident(step: step + 1, position: position, samples: loader.keys(at: position)))
  }
}
