/// The mean and the deviation of each column of rows that come one after the other (Welford, 1962), in double precision.
package struct FeatureMoments {
  package private(set) var count = 0
  private var means: [Double]
  private var squares: [Double]

  package init(width: Int) {
    (means, squares) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
  }

  /// - Parameter rows: end to end.
  package mutating func add(_ rows: [Float]) {
    for start in stride(from: 0, to: rows.count, by: means.count) {
      count += 1
      let share = 1 / Double(count)
      for column in means.indices {
        let difference = Double(rows[start + column]) - means[column]
        means[column] += difference * share
        squares[column] += difference * (Double(rows[start + column]) - means[column])
      }
    }
  }

  package var mean: [Float] { means.map(Float.init) }

  /// The deviations; 1 for a column that is constant but for rounding, which division would blow up.
  package var scale: [Float] {
    zip(means, squares).map { mean, square in
      let deviation = (square / Double(max(count, 1))).squareRoot()
      return deviation > 1e-6 * abs(mean) ? Float(deviation) : 1
    }
  }
}
