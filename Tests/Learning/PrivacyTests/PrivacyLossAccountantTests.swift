import Foundation
import Privacy
import Testing

/// ε by the distribution of the privacy loss, beside what other people's programs print.
@Suite struct PrivacyLossAccountantTests {
  struct Golden: Sendable, CustomTestStringConvertible {
    let rate: Double, noise: Double, steps: Int, delta: Double, upper: Double, within: Double

    var run: [SampledGaussian] { [SampledGaussian(rate: rate, noise: noise, steps: steps)] }
    var testDescription: String { "q \(rate), σ \(noise), \(steps) steps, δ \(delta)" }
  }

  /// By Tests/Golden/privacy.py: the authors' own program.
  static let goldens = [
    Golden(rate: 0.04, noise: 1.5, steps: 2249, delta: 1e-5, upper: 6.7773957125, within: 2e-8),
    Golden(rate: 0.001, noise: 0.8, steps: 100, delta: 1e-6, upper: 0.2704033657, within: 2e-8),
    Golden(rate: 0.05, noise: 1.5, steps: 1000, delta: 1e-6, upper: 6.2099692484, within: 2e-8),
    Golden(rate: 0.001, noise: 1.5, steps: 20_000, delta: 1e-6, upper: 0.4370051549, within: 2e-8),
    Golden(rate: 0.2, noise: 2, steps: 100, delta: 1e-6, upper: 5.6720556105, within: 2e-8),
    Golden(rate: 0.01, noise: 1, steps: 1000, delta: 1e-5, upper: 1.8383716712, within: 2e-8),
    Golden(rate: 0.1, noise: 2, steps: 300, delta: 1e-4, upper: 3.6068102138, within: 2e-8),
    Golden(rate: 0.25, noise: 4, steps: 200, delta: 1e-3, upper: 2.7938286682, within: 2e-8),
  ]

  @Test(arguments: goldens) func costs(golden: Golden) throws {
    let cost = try Accountant.prv.epsilon(of: golden.run, delta: golden.delta)
    #expect(abs(cost.epsilon - golden.upper) <= golden.within, "\(cost.epsilon) beside \(golden.upper)")
    let bound = try Accountant.rdp.epsilon(of: golden.run, delta: golden.delta)
    #expect(cost.epsilon < bound.epsilon, "\(cost.epsilon) is not below \(bound.epsilon)")
  }

  /// Google's dp_accounting (privacy loss distributions, pessimistic by 10⁻⁴ a step) is within the bounds.
  @Test(arguments: [
    (1, 0.7, 2, 10.1224946), (1, 0.35, 2, 24.7160779), (0.01, 0.7, 120, 2.4612381), (0.01, 0.35, 120, 18.6977407),
  ]) func lossDistributions(rate: Double, noise: Double, steps: Int, epsilon: Double) throws {
    let run = [SampledGaussian(rate: rate, noise: noise, steps: steps)]
    let cost = try Accountant.prv.epsilon(of: run, delta: 1e-5)
    #expect(cost.epsilon > epsilon - 0.001 && cost.epsilon < epsilon + 0.025, "\(cost.epsilon) beside \(epsilon)")
  }

  /// The Gaussian mechanism without sampling is known exactly: δ(ε) = Φ(μ/2 − ε/μ) − e^ε Φ(−μ/2 − ε/μ) with μ = √n / σ (Balle and Wang, 2018).
  @Test(arguments: [(5.0, 10), (20, 300), (1, 1)]) func beyondSampling(noise: Double, steps: Int) throws {
    let run = [SampledGaussian(rate: 1, noise: noise, steps: steps)]
    let epsilon = try Accountant.prv.epsilon(of: run, delta: 1e-5).epsilon - 0.01
    let mu = Double(steps).squareRoot() / noise
    func normal(_ x: Double) -> Double { erfc(-x / 2.squareRoot()) / 2 }
    let delta = normal(mu / 2 - epsilon / mu) - exp(epsilon) * normal(-mu / 2 - epsilon / mu)
    #expect(abs(delta / 0.999e-5 - 1) < 1e-3, "\(delta)")
  }

  /// Steps of two kinds cost what as many of the worse kind do not exceed, and those of one kind told in two parts what they cost in one.
  @Test func runsOfSeveralKinds() throws {
    func epsilon(_ phases: (rate: Double, steps: Int)...) throws -> Double {
      let run = phases.map { SampledGaussian(rate: $0.rate, noise: 1.2, steps: $0.steps) }
      return try Accountant.prv.epsilon(of: run, delta: 1e-5).epsilon
    }
    let (less, more) = (try epsilon((0.01, 400)), try epsilon((0.02, 400)))
    let mixed = try epsilon((0.01, 200), (0.02, 200))
    #expect(less < mixed && mixed < more)
    #expect(abs(try epsilon((0.02, 150), (0.02, 250)) - more) < 1e-6)
    #expect(try epsilon((0.02, 400), (0, 1000)) == more)
  }

  @Test func whatItCannotSay() throws {
    func error(_ rate: Double, _ noise: Double, _ steps: Int, _ delta: Double = 1e-5) -> AccountingError? {
      do {
        _ = try Accountant.prv.epsilon(of: [SampledGaussian(rate: rate, noise: noise, steps: steps)], delta: delta)
        return nil
      } catch { return error }
    }
    guard case .tooFine = error(0.5, 0.05, 100_000) else {
      Issue.record("no grid is too large")
      return
    }
    #expect(error(0.01, 1, 10, 1e-14) == .delta(1e-14))
    #expect(error(0.001, 2, 100_000, 1e-10) == .delta(1e-10))
    #expect(
      try Accountant.prv.epsilon(of: [SampledGaussian(rate: 0.5, noise: 0, steps: 1)], delta: 1e-5).epsilon == .infinity
    )
    #expect(try Accountant.prv.epsilon(of: [], delta: 1e-5).epsilon == 0)
  }

  @Test(arguments: [2, 8, 64]) func theTransformIsThatOfItsDefinition(count: Int) {
    let numbers: [Double] = (0..<count).map { (k: Int) -> Double in Double((k * 7919 + 13) % 101) / 50 - 1 }
    var made = ComplexArray(real: numbers, imaginary: numbers.map { (x: Double) -> Double in -x * x })
    let given = made
    let transform = FourierTransform(count: count)
    transform.forward(&made)
    for j in 0..<count {
      let sum = direct(given, j)
      #expect(abs(made.real[j] - sum.real) < 1e-12 && abs(made.imaginary[j] - sum.imaginary) < 1e-12)
    }
    transform.inverse(&made)
    #expect(zip(made.real, given.real).allSatisfy { abs($0 - $1) < 1e-14 })
    #expect(zip(made.imaginary, given.imaginary).allSatisfy { abs($0 - $1) < 1e-14 })
  }

  /// Σ_k x_k e^{−2πi jk / n}
  private func direct(_ numbers: ComplexArray, _ j: Int) -> (real: Double, imaginary: Double) {
    var sum = (real: 0.0, imaginary: 0.0)
    for k in 0..<numbers.count {
      let angle: Double = -2 * Double.pi * Double(j * k % numbers.count) / Double(numbers.count)
      let (a, b): (Double, Double) = (numbers.real[k], numbers.imaginary[k])
      sum.real += a * cos(angle) - b * sin(angle)
      sum.imaginary += a * sin(angle) + b * cos(angle)
    }
    return sum
  }
}
