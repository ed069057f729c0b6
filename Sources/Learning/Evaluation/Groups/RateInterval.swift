/// 95 % of the rate of a group, and how that was found.
struct RateInterval {
  let interval: Interval?
  let rule: Rule?

  enum Rule: String, Codable, Sendable {
    /// Wilson's, as the figure is a share of cases that are independent.
    case wilson
    /// A bootstrap over what is independent: photos with equal bytes, or groups of a set, go together.
    case bootstrap
    /// Wilson's of as many cases as there are independent ones: all of them say the same, of which no resample would differ.
    case wilsonOfClusters = "wilson_of_clusters"
  }

  /// - Parameters:
  ///   - values: of each case, in percent.
  ///   - clusters: cases of one are no independent evidence.
  init(_ values: [Double], clusters: [Int]) {
    let independent = ImageClusters(clusters)
    let isShare = values.allSatisfy { $0 == 0 || $0 == 100 }
    let right = values.count { $0 == 100 }
    if isShare, independent.count == values.count {
      (interval, rule) = (Self.wilson(right, of: values.count), .wilson)
    } else if isShare, right == 0 || right == values.count {
      (interval, rule) = (Self.wilson(right == 0 ? 0 : independent.count, of: independent.count), .wilsonOfClusters)
    } else {
      let key = FigureKey("rate")
      interval = ClusterBootstrap(independent)?.intervals([key]) { [weightedMean(values, $0)] }[key.stringValue]
      rule = interval == nil ? nil : .bootstrap
    }
  }

  private static func wilson(_ right: Int, of count: Int) -> Interval? {
    Interval(wilson: right, of: count).map { Interval(low: 100 * $0.low, high: 100 * $0.high) }
  }
}

/// Of values that are there so many times; NaN where none is.
func weightedMean(_ values: [Double], _ times: [Int]) -> Double {
  zip(values, times).reduce(0.0) { $0 + $1.0 * Double($1.1) } / Double(times.reduce(0, +))
}

/// From the smallest to the largest of those that there are; NaN of fewer than two.
func range(_ values: [Double]) -> Double {
  let values = values.filter { !$0.isNaN }
  return values.count < 2 ? .nan : (values.max() ?? 0) - (values.min() ?? 0)
}
