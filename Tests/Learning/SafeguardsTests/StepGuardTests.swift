import Safeguards
import Testing

@Suite struct StepGuardTests {
  private let settings = StepGuard.Settings(spikeFactor: 10, window: 30, maximumSkips: 2)

  private func seasoned(norm: Double = 1, loss: Double = 4, steps: Int = 30) -> StepGuard {
    var state = StepGuard()
    for step in 0..<steps { state.accept(loss: loss, gradientNorm: norm + 0.01 * Double(step % 3), settings) }
    return state
  }

  @Test(arguments: [(Double.nan, 1.0), (1.0, .nan), (.infinity, 1.0), (1.0, .infinity), (-.infinity, 1.0)])
  func whatIsNotFiniteIsNeverUsed(loss: Double, norm: Double) {
    #expect(StepGuard().fault(loss: loss, gradientNorm: norm, settings) == .notFinite)
    #expect(seasoned().fault(loss: loss, gradientNorm: norm, settings) == .notFinite)
  }

  @Test func aSpikeStandsOutOfTheLastSteps() {
    let state = seasoned()
    #expect(state.fault(loss: 4, gradientNorm: 10, settings) == nil)
    #expect(state.fault(loss: 4, gradientNorm: 10.3, settings) == .spike)
    #expect(state.fault(loss: 39, gradientNorm: 1, settings) == nil)
    #expect(state.fault(loss: 41, gradientNorm: 1, settings) == .spike)
  }

  @Test func nothingIsASpikeBeforeEnoughWasSeen() {
    #expect(seasoned(steps: 19).fault(loss: 1e6, gradientNorm: 1e6, settings) == nil)
    #expect(seasoned(steps: 20).fault(loss: 1e6, gradientNorm: 1e6, settings) == .spike)
  }

  @Test func aFactorOfZeroKnowsNoSpikes() {
    let none = StepGuard.Settings(spikeFactor: 0, window: 30, maximumSkips: 2)
    #expect(seasoned().fault(loss: 1e9, gradientNorm: 1e9, none) == nil)
  }

  /// A run that has learnt its data well has losses near zero, and one of a thousandth is no spike then.
  @Test func aLossNearZeroMakesNoSpikeOfASmallOne() {
    #expect(seasoned(loss: 1e-6).fault(loss: 0.5, gradientNorm: 1, settings) == nil)
  }

  @Test func skipsAreCountedWithinTheWindow() {
    var state = seasoned()
    let tooMany = [31, 32, 62].map { state.skip(step: $0, settings) }
    #expect(tooMany == [false, false, false], "31 and 32 are out of the window at 62")
    #expect(state.skipped == [62])
    let more = [63, 64].map { state.skip(step: $0, settings) }
    #expect(more == [false, true])
  }

  /// A run that has learnt nearly all there is: most gradients vanish, and sound ones are hundreds of times larger.
  @Test func aRareLargeGradientIsNoSpike() {
    var state = StepGuard()
    for step in 0..<30 { state.accept(loss: 0.01, gradientNorm: step == 11 ? 1.5 : 0.004, settings) }
    #expect(state.fault(loss: 0.1, gradientNorm: 4, settings) == nil)
    #expect(state.fault(loss: 0.1, gradientNorm: 1e6, settings) == .spike)
  }

  @Test func theLimitMovesWithTheRun() {
    var state = seasoned(norm: 1)
    for _ in 0..<30 { state.accept(loss: 4, gradientNorm: 100, settings) }
    #expect(state.fault(loss: 4, gradientNorm: 900, settings) == nil)
  }
}
