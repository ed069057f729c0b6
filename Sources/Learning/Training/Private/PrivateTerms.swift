internal import Batching
internal import Configuration
internal import Optimizers
package import Privacy
internal import Reporting

/// What a private run is before its first step: whom it protects, and how many of them a step draws.
package struct PrivateTerms {
  let units: PrivateUnits
  package let plan: PrivacyPlan
  let settings: PrivacySettings
  let clip: Double

  /// - Returns: nil for a run that promises nothing.
  /// - Throws: `PrivacyError` for what would be no guarantee, `BatchingError` for data without the units that are asked for.
  init?(_ configuration: RunConfiguration, _ dataSet: PreparedDataSet) throws {
    settings = configuration.privacy
    guard let clip = settings.clip else { return nil }
    self.clip = clip
    units = try PrivateUnits(dataSet, split: configuration.data.split, unit: settings.unit)
    let batch = configuration.batch.global
    // A batch above the units is refused by the plan, not by a division.
    let steps = configuration.steps(anEpoch: Self.stepsPerEpoch(units.count, batch))
    plan = try PrivacyPlan(units: units.count, batch: batch, steps: steps, delta: settings.delta)
    try configuration.check(steps: steps)
  }

  /// Steps in which as many units are drawn in the mean as there are.
  var stepsPerEpoch: Int { Self.stepsPerEpoch(units.count, plan.batch) }

  private static func stepsPerEpoch(_ units: Int, _ batch: Int) -> Int {
    PrivacyPlan.steps(ofEpochs: 1, units: units, batch: batch)
  }

  /// The noise that was asked for, or the least that keeps the target: also for what is still to be done after what stands in a ledger,
  /// where steps are taken again with another secret.
  /// - Parameter step: from which the run goes on.
  func noise(after records: PrivacyRecords, step: Int) throws -> Double {
    if let noise = settings.noise { return noise }
    guard let target = settings.targetEpsilon else { preconditionFailure("a private run without noise is refused") }
    if records.goesOn, let noise = records.noise { return noise }
    return try NoiseSearch(accountant: settings.accountant, delta: plan.delta).noise(
      for: target, rate: plan.rate, steps: max(plan.steps - step, 1), after: records.ledger.ledger.run)
  }

  /// For a person.
  var remarks: [String] {
    [
      "private: \(plan.units) units (\(settings.unit == .image ? "photos" : "groups")), \(plan.batch) drawn a step in the mean, each one's "
        + "gradient clipped to \(brief(clip)), δ \(plan.delta); of losses and times nothing is told, and what is measured on other splits tells "
        + "of those, which no ε covers"
    ] + (units.ungrouped > 0 ? ["\(units.ungrouped) samples are of no group: those with equal photos are a unit"] : [])
  }
}
