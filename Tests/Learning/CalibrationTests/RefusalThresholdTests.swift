import Calibration
import Evaluation
import Randomness
import Testing

@Suite struct RefusalThresholdTests {
  /// 100 sure ones without a mistake, and 100 unsure ones of which half are wrong: only the sure ones can be promised.
  @Test func theSureOnesAreTaken() throws {
    let confidences = [Double](repeating: 0.95, count: 100) + [Double](repeating: 0.6, count: 100)
    let isRight = (0..<200).map { $0 < 100 || $0 % 2 == 0 }
    let threshold = RefusalThreshold(confidences, isRight, risk: 0.05, doubt: 0.05)
    let least = try #require(threshold.confidence)
    #expect(least > 0.6 && least <= 0.95 && threshold.taken == 100 && threshold.mistakes == 0)
    #expect(threshold.coverage == 0.5 && threshold.needed == 59 && threshold.shortfall == nil)
    #expect(abs(threshold.limit - BinomialLimits.upper(0, of: 100, doubt: 0.05)) < 1e-12 && threshold.limit <= 0.05)
  }

  @Test func tooFewSamplesPromiseNothing() {
    let threshold = RefusalThreshold(
      [Double](repeating: 0.9, count: 58), [Bool](repeating: true, count: 58), risk: 0.05, doubt: 0.05)
    #expect(threshold.confidence == nil && threshold.shortfall == .needs(samples: 59))
    let enough = RefusalThreshold(
      [Double](repeating: 0.9, count: 59), [Bool](repeating: true, count: 59), risk: 0.05, doubt: 0.05)
    #expect(enough.confidence != nil && enough.taken == 59)
    #expect(RefusalThreshold([], [], risk: 0.05, doubt: 0.05).limit == 1)
  }

  /// A mistake among the surest ends it at once: nothing further down is looked at.
  @Test func mistakesAmongTheSurestPromiseNothing() {
    let isRight = (0..<200).map { $0 >= 5 }
    let threshold = RefusalThreshold(
      (0..<200).map { 0.999 - Double($0) / 1000 }, isRight, risk: 0.05, doubt: 0.05)
    #expect(threshold.confidence == nil && threshold.shortfall == .mistakes && threshold.mistakes == 5)
    #expect(threshold.taken >= 59 && threshold.limit > 0.05)
  }

  /// Many calibration sets of a model that errs as it says: the promise fails in at most 5 of 100, and is of some use.
  @Test func thePromiseIsKept() {
    var (promised, broken) = (0, 0)
    for seed in 0..<UInt64(300) {
      var random = RandomStream(seed: seed, 78)
      let confidences = (0..<300).map { _ in 0.5 + 0.5 * Double(random.uniform()) }
      let isRight = confidences.map { Double(random.uniform()) < $0 }
      let threshold = RefusalThreshold(confidences, isRight, risk: 0.15, doubt: 0.05)
      guard let least = threshold.confidence else { continue }
      promised += 1
      // Of all that are at least so sure, the mean confidence is right.
      if 1 - (least + 1) / 2 > 0.15 { broken += 1 }
    }
    #expect(promised > 200 && Double(broken) < 0.08 * Double(promised), "\(broken) of \(promised)")
  }
}
