internal import Foundation

/// The mean of a figure over runs that differ by nothing but their random numbers, and how sure it is.
public struct SampleMean: Equatable, Sendable {
  public let count: Int
  public let mean: Double
  /// Of one run from another, with n − 1; nil of a single one.
  public let deviation: Double?
  /// 95 % by Student's t; nil of a single run.
  public let interval: Interval?
  /// Whether the mean is another one than 0, two-sided by Student's t; nil of a single run. Of runs that all say the same it is 0, or 1 where they
  /// say 0.
  public let p: Double?

  /// - Parameter values: at least one, all of them numbers.
  public init?(_ values: [Double]) {
    guard !values.isEmpty, values.allSatisfy(\.isFinite) else { return nil }
    count = values.count
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    self.mean = mean
    guard values.count > 1 else {
      (deviation, interval, p) = (nil, nil, nil)
      return
    }
    let squares = values.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / (count - 1)).squareRoot()
    let error = deviation / count.squareRoot()
    let half = StudentDistribution.quantile(doubt: 0.05, freedom: values.count - 1) * error
    self.deviation = deviation
    interval = Interval(low: mean - half, high: mean + half)
    p =
      error == 0
      ? (mean == 0 ? 1 : 0) : StudentDistribution.twoSided(mean / error, freedom: values.count - 1)
  }

  /// Of the differences of pairs: each of the first less that of the same random numbers.
  public init?(_ values: [Double], less others: [Double]) {
    guard values.count == others.count else { return nil }
    self.init(zip(values, others).map { $0 - $1 })
  }
}
