internal import Foundation

/// The privacy loss of one step: log of how much likelier what came out is with a unit than without, for what comes out with it.
///
/// t = log(1 − q + q e^{(2x − 1) / 2σ²}) for x of q N(1, σ²) + (1 − q) N(0, σ²) (Gopi, Lee and Wutschitz, 2021, section 5).
struct PrivacyLoss {
  let rate: Double
  let noise: Double

  init(_ phase: SampledGaussian) { (rate, noise) = (phase.rate, phase.noise) }

  /// The probability of a loss of t or less: 1 − q/2 erfc((2zσ² − 1) / 2√2σ) − (1 − q)/2 erfc((2zσ² + 1) / 2√2σ), z = log((eᵗ + q − 1) / q)
  func probability(upTo t: Double) -> Double {
    guard t > log1p(-rate) else { return 0 }
    // log((eᵗ + q − 1) / q), where eᵗ has no place, too.
    let z = rate == 1 ? t : t > 50 ? t - log(rate) : log1p(expm1(t) / rate)
    let (middle, width) = (z * noise * noise, 2.squareRoot() * noise)
    return 1 - rate / 2 * erfc((middle - 0.5) / width) - (1 - rate) / 2 * erfc((middle + 0.5) / width)
  }

  /// The mean of the loss where it is within a range: the trapezoidal rule over x, which converges faster than any power for such a function.
  func mean(within range: ClosedRange<Double>) -> Double {
    let (reach, parts) = (14 * noise, 20_000)
    let (start, width) = (-reach, (1 + 2 * reach) / Double(parts))
    var (sum, mass) = (0.0, 0.0)
    for part in 0...parts {
      let x = start + Double(part) * width
      let t = loss(at: x)
      guard range.contains(t) else { continue }
      let density = rate * bell(x - 1) + (1 - rate) * bell(x)
      sum += t * density
      mass += density
    }
    return mass > 0 ? sum / mass : 0
  }

  private func loss(at x: Double) -> Double {
    let exponent = (2 * x - 1) / (2 * noise * noise)
    guard rate < 1 else { return exponent }
    return exponent > 50
      ? log(rate) + exponent + log1p((1 - rate) / rate * exp(-exponent)) : log1p(rate * expm1(exponent))
  }

  private func bell(_ x: Double) -> Double { exp(-x * x / (2 * noise * noise)) }
}
