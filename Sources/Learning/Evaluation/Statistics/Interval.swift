/// Where a figure of other samples like this one would lie in 95 of 100 cases; `[low, high]` in JSON.
public struct Interval: Equatable, Sendable {
  public var low: Double
  public var high: Double

  public init(low: Double, high: Double) { (self.low, self.high) = (low, high) }

  /// From the 2.5th to the 97.5th percentile of a figure's resamples; nil where there are none.
  /// - Parameter values: in any order; NaN, a resample in which the figure has no value, does not count.
  public init?(percentilesOf values: [Double]) {
    let sorted = values.filter { !$0.isNaN }.sorted()
    guard !sorted.isEmpty else { return nil }
    (low, high) = (percentile(2.5, ofSorted: sorted), percentile(97.5, ofSorted: sorted))
  }
}

/// Between the two neighbours in proportion, as NumPy does by default (Hyndman and Fan, 1996, definition 7).
private func percentile(_ percent: Double, ofSorted values: [Double]) -> Double {
  let place = percent / 100 * Double(values.count - 1)
  let below = Int(place)
  let above = min(below + 1, values.count - 1)
  let share = place - Double(below)
  let step = values[above] - values[below]
  return share < 0.5 ? values[below] + step * share : values[above] - step * (1 - share)
}

extension Interval: Codable {
  public init(from decoder: any Decoder) throws {
    var ends = try decoder.unkeyedContainer()
    (low, high) = (try ends.decode(Double.self), try ends.decode(Double.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var ends = encoder.unkeyedContainer()
    try ends.encode(low)
    try ends.encode(high)
  }
}
