import Privacy
import Testing

/// ε by Rényi divergences beside what other people's programs print.
@Suite struct RenyiAccountantTests {
  struct Golden: Sendable, CustomTestStringConvertible {
    let rate: Double, noise: Double, steps: Int, delta: Double
    /// With the terms' signs, and without: nil where nobody printed it.
    var signed: Double?
    var absolute: Double?
    var order: Double?
    /// Half of the last printed digit.
    var within = 5e-8

    var testDescription: String { "q \(rate), σ \(noise), \(steps) steps, δ \(delta)" }
  }

  static let goldens = [
    // opacus 4d0ebc8, tests/accountants
    Golden(
      rate: 0.04, noise: 1.5, steps: 2250, delta: 1e-5, signed: 7.3291111714, order: 3.9, within: 5e-11),
    Golden(rate: 0.04, noise: 1.5, steps: 2250, delta: 1e-5, absolute: 7.3293347, order: 3.9),
    // tensorflow/privacy 03035d5
    Golden(
      rate: 0.0025, noise: 1.3, steps: 6000, delta: 1e-5, signed: 0.7242234026, absolute: 0.7242234026, order: 19,
      within: 5e-11),
    Golden(
      rate: 0.001, noise: 1, steps: 30_000, delta: 1e-7, signed: 1.4154988495, absolute: 1.4154988495, order: 13,
      within: 5e-11),
    Golden(rate: 1, noise: 0.7, steps: 2, delta: 1e-5, signed: 10.8602036, absolute: 10.8602036, order: 3.3),
    Golden(rate: 1, noise: 0.35, steps: 2, delta: 1e-5, signed: 26.2880374, absolute: 26.2880374, order: 2.1),
    Golden(rate: 0.01, noise: 0.7, steps: 120, delta: 1e-5, signed: 3.2391922, absolute: 3.2392676, order: 4.4),
    Golden(rate: 0.01, noise: 0.35, steps: 120, delta: 1e-5, signed: 22.5970358),
    Golden(rate: 0.01, noise: 0.35, steps: 120, delta: 1e-5, absolute: 22.6248601, order: 1.7),
    Golden(rate: 0.0064, noise: 1, steps: 782, delta: 1e-6, absolute: 1.616394, order: 9.3, within: 5e-7),
    Golden(rate: 1, noise: 1, steps: 5, delta: 1e-6, absolute: 13.376379, order: 3.2, within: 5e-7),
    // An implementation apart from this one.
    Golden(rate: 0.01, noise: 1, steps: 1000, delta: 1e-5, signed: 2.1013652716, within: 5e-11),
    Golden(rate: 0.1, noise: 2, steps: 300, delta: 1e-4, signed: 3.9917420292, within: 5e-11),
    Golden(rate: 0.25, noise: 4, steps: 200, delta: 1e-3, signed: 3.1598475937, within: 5e-11),
    Golden(rate: 1, noise: 5, steps: 10, delta: 1e-5, signed: 2.8136532471, within: 5e-11),
  ]

  @Test(arguments: goldens) func costs(golden: Golden) {
    let run = [SampledGaussian(rate: golden.rate, noise: golden.noise, steps: golden.steps)]
    for (series, epsilon) in [(FractionalSeries.signed, golden.signed), (.absolute, golden.absolute)] {
      guard let epsilon else { continue }
      let cost = RenyiAccountant(series: series).epsilon(of: run, delta: golden.delta)
      #expect(abs(cost.epsilon - epsilon) <= golden.within, "\(series): \(cost.epsilon) beside \(epsilon)")
      if let order = golden.order { #expect(abs((cost.order ?? 0) - order) < 1e-9, "\(series): \(cost)") }
      #expect(!cost.isAtEdge)
    }
  }

  /// Steps of several kinds: Opacus' docstring.
  @Test func runsOfSeveralKinds() {
    let accountant = RenyiAccountant(orders: (2...32).map(Double.init))
    let run = [SampledGaussian(rate: 1e-5, noise: 1, steps: 10), SampledGaussian(rate: 1e-4, noise: 3, steps: 4)]
    let cost = accountant.epsilon(of: run, delta: 1e-5)
    #expect(abs(cost.epsilon - 0.336344) < 5e-7 && cost.order == 23, "\(cost)")
  }

  /// Google's test of the conversion: the best order is the last, and that is said.
  @Test func anEndOfTheOrdersIsSaid() {
    let accountant = RenyiAccountant(orders: (2...32).map(Double.init))
    let cost = accountant.epsilon(ofDivergences: [Double](repeating: 1.1, count: 31), delta: 1e-5)
    #expect(abs(cost.epsilon - 1.32783806176) < 5e-12 && cost.order == 32 && cost.isAtEdge, "\(cost)")
  }

  @Test func nothingDrawnAndNoNoise() {
    let accountant = RenyiAccountant()
    #expect(accountant.divergences(of: [SampledGaussian(rate: 0, noise: 0, steps: 5)]).allSatisfy { $0 == 0 })
    #expect(accountant.divergences(of: [SampledGaussian(rate: 1, noise: 1, steps: 0)]).allSatisfy { $0 == 0 })
    #expect(accountant.epsilon(of: [SampledGaussian(rate: 0.1, noise: 0, steps: 1)], delta: 1e-5).epsilon == .infinity)
  }

  /// More noise costs less; more steps, more drawn and a smaller δ cost more. The bound is above what it bounds.
  @Test(arguments: [0.001, 0.05, 0.5, 0.999], [0.3, 1.1, 8]) func whatCostsMore(rate: Double, noise: Double) {
    let accountant = RenyiAccountant()
    func epsilon(_ rate: Double, _ noise: Double, _ steps: Int, _ delta: Double = 1e-5) -> Double {
      accountant.epsilon(of: [SampledGaussian(rate: rate, noise: noise, steps: steps)], delta: delta).epsilon
    }
    let usual = epsilon(rate, noise, 100)
    #expect(epsilon(rate, noise * 1.1, 100) < usual)
    #expect(epsilon(rate, noise, 110) > usual)
    #expect(epsilon(min(1, rate * 1.1), noise, 100) > usual)
    #expect(epsilon(rate, noise, 100, 1e-6) > usual)
    let run = [SampledGaussian(rate: rate, noise: noise, steps: 100)]
    let pairs = zip(accountant.divergences(of: run), RenyiAccountant(series: .signed).divergences(of: run))
    #expect(pairs.allSatisfy { $0 >= $1 * (1 - 1e-9) })
  }

  /// An order whose series has not ended after a thousand terms tells nothing. dp_accounting 0.6.0 leaves 1.1 to 1.6 out here, too.
  @Test func anOrderThatDoesNotEndIsLeftOut() {
    let run = [SampledGaussian(rate: 0.1, noise: 0.5, steps: 100)]
    let cost = RenyiAccountant().epsilon(of: run, delta: 1e-3)
    #expect(abs(cost.epsilon - 30.387850669059986) < 1e-9 && abs((cost.order ?? 0) - 1.7) < 1e-9, "\(cost)")
  }

  /// The halves of erfc where it is 0 itself: by mpmath, log(erfc(x) / 2).
  @Test func logarithmsOfErfc() {
    for (x, expected) in [
      (-3, -1.1045309498499094e-5), (0, -0.69314718055994531), (5, -27.89403672609738), (19.5, -384.48723721866045),
      (20.5, -424.5371232593511), (27, -733.56203368845736), (100, -10005.870732303224),
    ] {
      #expect(abs(logHalfErfc(x) - expected) < 1e-12 * max(1, abs(expected)), "\(x): \(logHalfErfc(x))")
    }
  }
}
