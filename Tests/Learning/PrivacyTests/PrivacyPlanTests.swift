import Privacy
import Testing

@Suite struct PrivacyPlanTests {
  @Test func theRateComesOfTheDataAlone() throws {
    let plan = try PrivacyPlan(units: 1000, batch: 40, steps: 7)
    #expect(plan.rate == 0.04)
    #expect(plan.run(noise: 1.5) == SampledGaussian(rate: 0.04, noise: 1.5, steps: 7))
  }

  /// A tenth of 1 / N at most.
  @Test(arguments: [(1, 0.1), (9, 0.01), (10, 0.01), (11, 0.001), (60_000, 1e-6), (100_000, 1e-6), (100_001, 1e-7)])
  func theUsualDelta(units: Int, delta: Double) throws {
    let plan = try PrivacyPlan(units: units, batch: 1, steps: 1)
    #expect(plan.delta == delta)
    #expect(plan.delta * Double(units) <= 0.1 + 1e-12)
  }

  @Test func whatPromisesNothingIsRefused() {
    func refusal(_ units: Int, _ batch: Int, _ steps: Int, _ delta: Double? = nil) -> PrivacyError? {
      do {
        _ = try PrivacyPlan(units: units, batch: batch, steps: steps, delta: delta)
        return nil
      } catch { return error }
    }
    #expect(refusal(100, 100, 1) == nil)
    #expect(refusal(100, 101, 1) == .batchAboveData(batch: 101, units: 100))
    #expect(refusal(100, 10, 1, 0.01) == .delta(0.01, units: 100))
    #expect(refusal(100, 10, 1, 0.0099) == nil)
    #expect(refusal(100, 10, 1, 0) == .delta(0, units: 100))
    #expect(refusal(100, 10, 1, .infinity) == .delta(.infinity, units: 100))
    for (units, batch, steps) in [(0, 1, 1), (1, 0, 1), (1, 1, 0)] {
      #expect(refusal(units, batch, steps) == .nothingDrawn(units: units, batch: batch, steps: steps))
    }
    #expect(refusal(1, 1, 1, .nan) != nil)
  }

  /// 90 / 0.04 is 2250, whatever way of rounding libraries take: steps are kept, and epochs only turned into them.
  @Test func epochsAreTurnedIntoSteps() {
    #expect(PrivacyPlan.steps(ofEpochs: 90, units: 1000, batch: 40) == 2250)
    #expect(PrivacyPlan.steps(ofEpochs: 15, units: 60_000, batch: 256) == 3516)
    #expect(PrivacyPlan.steps(ofEpochs: 0.0001, units: 10, batch: 10) == 1)
  }

  /// The noise that is found for a target keeps it, by the same accountant, and a little less of it would not.
  @Test(arguments: Accountant.allCases) func aTargetIsKept(accountant: Accountant) throws {
    let plan = try PrivacyPlan(units: 1000, batch: 40, steps: 500, delta: 1e-5)
    let noise = try plan.noise(epsilon: 3, accountant)
    let cost = try plan.cost(noise: noise, accountant).epsilon
    #expect(cost <= 3 && cost > 2.99)
    #expect(try plan.cost(noise: noise * 0.99, accountant).epsilon > 3)
  }
}
