internal import Foundation

/// What k of n say of the share that they are drawn from.
public enum BinomialLimits {
  /// The highest share of which k or fewer of n have at least this probability (Clopper and Pearson, Biometrika 1934): the share is
  /// not above it with a confidence of 1 − `doubt`, whatever it is.
  /// - Parameters:
  ///   - k: from 0 to n.
  ///   - n: above 0.
  public static func upper(_ k: Int, of n: Int, doubt: Double) -> Double {
    k >= n ? 1 : root { doubt - atMost(k, of: n, share: $0) }
  }

  /// The lowest share, in the same way.
  public static func lower(_ k: Int, of n: Int, doubt: Double) -> Double {
    k <= 0 ? 0 : root { 1 - atMost(k - 1, of: n, share: $0) - doubt }
  }

  /// The probability of k or fewer among n, each with this share: 1 − I(k + 1, n − k) at the share.
  public static func atMost(_ k: Int, of n: Int, share: Double) -> Double {
    k >= n ? 1 : k < 0 ? 0 : incompleteBeta(Double(n - k), Double(k + 1), at: 1 - share)
  }

  /// How many without a fault it takes to be sure of a share of faults below this.
  /// - Parameter share, doubt: between 0 and 1.
  public static func faultlessNeeded(share: Double, doubt: Double) -> Int {
    Int((log(doubt) / log1p(-share)).rounded(.up))
  }

  /// Where an increasing function crosses 0 between 0 and 1.
  private static func root(_ function: (Double) -> Double) -> Double {
    var (low, high) = (0.0, 1.0)
    for _ in 0..<100 where high - low > 1e-15 {
      let middle = (low + high) / 2
      if function(middle) < 0 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

extension Interval {
  /// 95 % of a share of 1, of k right ones of n (Wilson, JASA 1927): never outside of 0 to 1, and wide where there are few. Nil without any.
  public init?(wilson k: Int, of n: Int) {
    guard n > 0 else { return nil }
    let (count, share, z) = (Double(n), Double(k) / Double(n), 1.959_963_984_540_054)
    let middle = share + z * z / (2 * count)
    let half = z * (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
    let scale = 1 + z * z / count
    // At the ends what is left of rounding is taken away.
    self.init(low: k == 0 ? 0 : (middle - half) / scale, high: k == n ? 1 : (middle + half) / scale)
  }
}

/// The regularised incomplete beta function I(a, b) at x, by its continued fraction on the side where that converges (Lentz's method;
/// DLMF 8.17.22).
func incompleteBeta(_ a: Double, _ b: Double, at x: Double) -> Double {
  guard x > 0 else { return 0 }
  guard x < 1 else { return 1 }
  return x <= (a + 1) / (a + b + 2) ? betaFraction(a, b, x) : 1 - betaFraction(b, a, 1 - x)
}

private func betaFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
  let factor = exp(a * log(x) + b * log1p(-x) - logBeta(a, b)) / a
  let floor = 1e-300
  var (fraction, c, d) = (1.0, 1.0, 0.0)
  for step in 0..<10_000 {
    let m = Double(step / 2)
    let term =
      step == 0
      ? 1
      : step % 2 == 0
        ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / larger(1 + term * d, floor)
    c = larger(1 + term / c, floor)
    fraction *= c * d
    if abs(c * d - 1) < 1e-16 { break }
  }
  return factor * (fraction - 1)
}

private func larger(_ value: Double, _ floor: Double) -> Double { abs(value) < floor ? floor : value }

private func logBeta(_ a: Double, _ b: Double) -> Double { logGamma(a) + logGamma(b) - logGamma(a + b) }

/// Of a positive number.
private func logGamma(_ value: Double) -> Double { lgamma(value) }
