internal import Foundation

/// log(eᵃ + eᵇ)
func logSum(_ a: Double, _ b: Double) -> Double {
  let (low, high) = (min(a, b), max(a, b))
  return low == -.infinity ? high : high + log1p(exp(low - high))
}

/// log(½ erfc(x)), where erfc itself would be 0, too.
package func logHalfErfc(_ x: Double) -> Double {
  guard x > 20 else { return log(0.5 * erfc(x)) }
  // The asymptotic series (DLMF 7.12.1), whose next term is below 10⁻¹² from 20 on.
  let s = 1 / (2 * x * x)
  let series = 1 - s * (1 - 3 * s * (1 - 5 * s * (1 - 7 * s * (1 - 9 * s))))
  return -x * x - log(2 * x * Double.pi.squareRoot()) + log(series)
}

/// A number by the logarithm of its size, and its sign.
struct SignedLogarithm {
  let logarithm: Double
  let isNegative: Bool

  static let zero = SignedLogarithm(logarithm: -.infinity, isNegative: false)

  func times(_ factor: Double) -> SignedLogarithm {
    SignedLogarithm(logarithm: logarithm + log(abs(factor)), isNegative: isNegative != (factor < 0))
  }

  func plus(_ other: SignedLogarithm) -> SignedLogarithm {
    if isNegative == other.isNegative {
      return SignedLogarithm(logarithm: logSum(logarithm, other.logarithm), isNegative: isNegative)
    }
    let (larger, smaller) = logarithm >= other.logarithm ? (self, other) : (other, self)
    guard larger.logarithm > smaller.logarithm else { return .zero }
    return SignedLogarithm(
      logarithm: larger.logarithm + log1p(-exp(smaller.logarithm - larger.logarithm)), isNegative: larger.isNegative)
  }
}
