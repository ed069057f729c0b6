internal import Batching
internal import Collectives
internal import Models
internal import Objectives
internal import Safeguards

/// A training step whose gradient is used only where its numbers are sound.
///
/// Loss and norm are sums over all ranks, so every rank comes to the same verdict. What is not sound is computed once more:
/// where the second time is sound, a bit has flipped on the way, and the second time counts.
struct GuardedStep {
  let optimize: TrainingStep
  let settings: StepGuard.Settings

  /// - Parameters:
  ///   - batch: makes the batch, which a second computation takes again.
  ///   - step: counted from 0.
  ///   - state: of the run; takes the step in.
  /// - Returns: what the step came to, and what was wrong with it.
  func callAsFunction(
    _ batch: () -> StepBatch, rate: Float, step: Int, _ state: inout StepGuard
  ) throws -> (result: TrainingStep.Result, unsound: Unsound?) {
    let first = try optimize.measure(batch(), step: step)
    guard let fault = state.fault(loss: first.steadyLoss, gradientNorm: first.gradientNorm, settings) else {
      return (try use(first, rate: rate, step: step, &state), nil)
    }
    let limit = state.limit(settings)
    let ranks = try ranksNotFinite(first.ownLoss)
    func unsound(_ cause: Incident.Cause) -> Unsound {
      Unsound(fault: fault, limit: limit, cause: cause, ranks: ranks, first: first)
    }
    guard optimize.isRepeatable else { return (first.result(updateSeconds: 0), unsound(.unknown)) }
    let second = try optimize.measure(batch(), step: step)
    guard state.fault(loss: second.steadyLoss, gradientNorm: second.gradientNorm, settings) == nil else {
      let isSame =
        second.loss.bitPattern == first.loss.bitPattern
        && second.gradientNorm.bitPattern == first.gradientNorm.bitPattern
      return (second.result(updateSeconds: 0), unsound(isSame ? .persistent : .unsteady))
    }
    return (try use(second, rate: rate, step: step, &state), unsound(.transient))
  }

  /// What was found wrong, and what is known of it.
  struct Unsound {
    let fault: StepGuard.Fault
    let limit: (loss: Double, gradientNorm: Double)?
    let cause: Incident.Cause
    let ranks: [Int]
    let first: TrainingStep.Measured

    func incident(step: Int, position: LoaderPosition, samples: [String]) -> Incident {
      Incident(
        step: step, position: position, fault: fault, loss: first.loss, gradientNorm: first.gradientNorm,
        limit: fault == .spike ? limit : nil, cause: cause, ranks: ranks, samples: samples)
    }
  }

  private func use(
    _ measured: TrainingStep.Measured, rate: Float, step: Int, _ state: inout StepGuard
  ) throws -> TrainingStep.Result {
    state.accept(loss: measured.steadyLoss, gradientNorm: measured.gradientNorm, settings)
    return try optimize.apply(measured, rate: rate, step: step)
  }

  private func ranksNotFinite(_ ownLoss: Double) throws -> [Int] {
    let losses = try gatherOverRanks([ownLoss], optimize.setup.communicator, "losses of an unsound step")
    return losses.indices.filter { !losses[$0].isFinite }
  }
}
