import Testing
import Training

/// Which way of summing gradients the first steps choose.
@Suite struct OverlapTrialTests {
  /// Seconds of the steps in the order in which they are taken: beside the backward pass, after it, beside, …
  @Test(arguments: [
    ([9, 9, 2, 3, 2, 3, 2, 3], 2.0, 3.0, true), ([9, 9, 4, 3, 4, 3, 4, 3], 4, 3, false),
    // One slow step decides nothing, and neither does less than a hundredth.
    ([1, 1, 2, 3, 90, 3, 2, 3], 2, 3, true), ([1, 1, 2.99, 3, 2.99, 3, 2.99, 3], 2.99, 3, false),
  ])
  func theFasterIsTaken(seconds: [Double], beside: Double, after: Double, isBeside: Bool) {
    var trial = OverlapTrial()
    for (step, time) in seconds.enumerated() {
      #expect(trial.isBeside == step.isMultiple(of: 2) && !trial.isOver)
      trial.add(time)
    }
    #expect(trial.isOver && trial.secondsBeside == beside && trial.secondsAfter == after)
    #expect(OverlapVerdict(secondsBeside: beside, secondsAfter: after).isBeside == isBeside)
  }
}
