internal import Configuration
internal import Optimizers

extension RunConfiguration {
  /// Steps of the whole run, where an epoch has so many.
  func steps(anEpoch: Int) -> Int { schedule.steps ?? (schedule.epochs ?? 1) * anEpoch }

  /// Steps in which the learning rate rises, of a run of so many.
  func warmupSteps(of steps: Int) -> Int {
    schedule.warmupSteps ?? Int(((schedule.warmupFraction ?? 0) * Double(steps)).rounded())
  }

  /// The learning rate over a run whose epochs have so many steps.
  func learningRates(stepsAnEpoch: Int) -> Schedule {
    let steps = steps(anEpoch: stepsAnEpoch)
    return Schedule(
      peak: Float(optimizer.learningRate), warmupSteps: warmupSteps(of: steps), totalSteps: steps,
      decay: schedule.decay == .cosine ? .cosine : .constant)
  }
}
