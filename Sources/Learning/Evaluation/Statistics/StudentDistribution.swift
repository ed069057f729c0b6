internal import Foundation

/// Student's t (Biometrika 1908): how far the mean of a few numbers lies from that of all, in units of its estimated deviation.
public enum StudentDistribution {
  /// The probability of a value at least so far from 0, on either side: I(ν/2, 1/2) at ν / (ν + t²).
  /// - Parameters:
  ///   - t: any number; of NaN it is NaN.
  ///   - freedom: ν, degrees of freedom, above 0.
  public static func twoSided(_ t: Double, freedom: Int) -> Double {
    guard !t.isNaN else { return .nan }
    let degrees = Double(freedom)
    return t.isInfinite ? 0 : incompleteBeta(degrees / 2, 0.5, at: degrees / (degrees + t * t))
  }

  /// How far from 0 the share `doubt` of all values lies, on both sides together: 4.303 of 5 % and two degrees.
  /// - Parameter doubt: between 0 and 1.
  public static func quantile(doubt: Double, freedom: Int) -> Double {
    var (low, high) = (0.0, 1.0)
    while twoSided(high, freedom: freedom) > doubt { high *= 2 }
    for _ in 0..<200 where high - low > 1e-13 * high {
      let middle = (low + high) / 2
      if twoSided(middle, freedom: freedom) > doubt { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
