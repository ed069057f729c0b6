internal import Foundation

/// Counts by the distribution of the privacy loss: that of one step on a grid, then of all by a Fourier transform (Gopi, Lee and Wutschitz,
/// "Numerical Composition of Differential Privacy", 2021).
///
/// Of two neighbours it is the one with the unit whose loss is counted, the larger of the two; so do the authors' program and Opacus.
public struct PrivacyLossAccountant: Sendable {
  /// By how much ε may be wrong, and by how much δ: what is told is the upper end. Theorem 5.5 says which grid that takes.
  private let epsilonError = 0.01
  private func deltaError(_ delta: Double) -> Double { delta / 1000 }
  /// Of a grid: 256 MB for its numbers.
  private static let mostPoints = 1 << 24

  public init() {}

  /// - Throws: `AccountingError` where the grid that it takes is too large, or too coarse for a step.
  public func epsilon(of run: [SampledGaussian], delta: Double) throws(AccountingError) -> PrivacyCost {
    let phases = run.filter { !$0.isSilent }
    guard !phases.isEmpty else { return PrivacyCost(epsilon: 0, delta: delta) }
    guard phases.allSatisfy({ $0.noise > 0 }) else { return PrivacyCost(epsilon: .infinity, delta: delta) }
    let grid = try grid(for: phases, delta: delta)
    guard rounding(of: phases) < delta / 100 else { throw .delta(delta) }
    var (composed, shift) = (ComplexArray(real: [], imaginary: []), 0.0)
    let transform = FourierTransform(count: grid.count)
    for phase in phases {
      let step = try DiscreteLoss(phase, grid)
      var spectrum = ComplexArray(real: step.masses, imaginary: [Double](repeating: 0, count: grid.count))
      transform.forward(&spectrum)
      spectrum.raise(to: phase.steps)
      composed = composed.count == 0 ? spectrum : composed.times(spectrum)
      shift += Double(phase.steps) * step.shift
    }
    transform.inverse(&composed)
    let loss = DiscreteLoss(masses: composed.real, shift: shift, grid: grid)
    return PrivacyCost(epsilon: max(0, loss.epsilon(delta - deltaError(delta)) + epsilonError), delta: delta)
  }

  /// How much mass the rounding of transforms may put elsewhere: powers gather that of each number, a few of the last bit for every step. A
  /// hundredth of δ moves ε by about a thousandth, a tenth of what the bounds leave.
  private func rounding(of phases: [SampledGaussian]) -> Double {
    4 * Double.ulpOfOne * Double(phases.reduce(0) { $0 + $1.steps })
  }

  /// So fine and so wide that neither rounding nor what falls off its ends counts (remark 5.6): the width by the bounds of Rényi divergences.
  private func grid(for phases: [SampledGaussian], delta: Double) throws(AccountingError) -> LossGrid {
    let steps = Double(phases.reduce(0) { $0 + $1.steps })
    let error = deltaError(delta)
    let width = epsilonError / (steps * log(12 / error) / 2).squareRoot()
    let bound = RenyiAccountant(series: .signed)
    let ends =
      [bound.epsilon(of: phases, delta: error / 4).epsilon]
      + phases.map { phase in
        bound.epsilon(
          of: [SampledGaussian(rate: phase.rate, noise: phase.noise, steps: 1)], delta: error / (8 * steps)
        ).epsilon
      }
    let reach = (ends.max() ?? 0) + 3
    let points = 2 * (reach / width).rounded(.up) + 2
    guard points <= Double(Self.mostPoints) else { throw .tooFine(points: points) }
    var count = 2
    while Double(count) < points { count *= 2 }
    return LossGrid(width: width, count: count)
  }
}

/// Multiples of a width on both sides of 0; the place of k is k modulo their number, as a Fourier transform counts.
struct LossGrid {
  let width: Double
  /// Even.
  let count: Int

  /// The losses, from the least to the largest, by their places.
  var inOrder: [(place: Int, loss: Double)] {
    (-count / 2..<count / 2).map { k in (k < 0 ? k + count : k, Double(k) * width) }
  }

  var range: ClosedRange<Double> { -Double(count / 2) * width...Double(count / 2 - 1) * width }
}

/// A privacy loss that takes the values of a grid, all of them moved by a little.
struct DiscreteLoss {
  /// Of each place of the grid.
  let masses: [Double]
  let shift: Double
  let grid: LossGrid

  init(masses: [Double], shift: Double, grid: LossGrid) { (self.masses, self.shift, self.grid) = (masses, shift, grid) }

  /// One step: each value takes what is nearest to it, and all move so that the mean stays (algorithm 2).
  init(_ phase: SampledGaussian, _ grid: LossGrid) throws(AccountingError) {
    let loss = PrivacyLoss(phase)
    let whole = loss.probability(upTo: grid.range.upperBound)
    var (masses, mean, below) = ([Double](repeating: 0, count: grid.count), 0.0, 0.0)
    for (place, value) in grid.inOrder {
      let upTo = min(loss.probability(upTo: value + grid.width / 2) / whole, 1)
      masses[place] = upTo - below
      mean += value * masses[place]
      below = upTo
    }
    let shift = loss.mean(within: grid.range) - mean
    guard abs(shift) < grid.width / 2 else { throw .tooCoarse(rate: phase.rate, noise: phase.noise) }
    self.init(masses: masses, shift: shift, grid: grid)
  }

  /// The ε at which δ(ε) = Σ p(t) (1 − e^(ε − t)) over all t above ε is the one that is wanted (equation 2).
  func epsilon(_ delta: Double) -> Double {
    var (above, discounted) = (0.0, 0.0)
    for (place, value) in grid.inOrder.reversed() {
      let loss = value + shift
      // With ε at this loss, those above it make a δ that is too large: ε lies between it and the one before.
      if above - exp(loss) * discounted > delta { return log((above - delta) / discounted) }
      above += masses[place]
      discounted += masses[place] * exp(-loss)
    }
    return -.infinity
  }
}

extension ComplexArray {
  /// Each number to a power, by squaring.
  mutating func raise(to exponent: Int) {
    var (power, rest) = (self, exponent)
    self = ComplexArray(
      real: [Double](repeating: 1, count: count), imaginary: [Double](repeating: 0, count: count))
    while rest > 0 {
      if rest & 1 == 1 { self = times(power) }
      rest >>= 1
      if rest > 0 { power = power.times(power) }
    }
  }

  func times(_ other: ComplexArray) -> ComplexArray {
    var product = self
    for place in 0..<count {
      let (a, b, c, d) = (real[place], imaginary[place], other.real[place], other.imaginary[place])
      (product.real[place], product.imaginary[place]) = (a * c - b * d, a * d + b * c)
    }
    return product
  }
}
