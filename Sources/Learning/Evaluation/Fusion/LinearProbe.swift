/// The plainest model of classes from features: least squares of one number a class, with a ridge (Hoerl and Kennard, 1970). It has one
/// solution, found exactly, so that what it says of features is not what a solver made of them.
package struct LinearProbe {
  private let weights: [[Double]]
  private let offsets: [Double]
  private let means: [Double]

  /// - Parameters:
  ///   - features: [N, D]
  ///   - targets: [N], the class of each.
  ///   - ridge: times the mean variance of a feature.
  package init(_ features: [[Double]], _ targets: [Int], classes: Int, ridge: Double = 0.01) {
    let (count, width) = (Double(features.count), features.first?.count ?? 0)
    let means = (0..<width).map { column in features.reduce(0) { $0 + $1[column] } / count }
    let centred = features.map { zip($0, means).map { $0 - $1 } }
    var products = [[Double]](repeating: [Double](repeating: 0, count: width), count: width)
    for row in centred {
      for first in 0..<width { for second in 0...first { products[first][second] += row[first] * row[second] } }
    }
    let variance = (0..<width).reduce(0) { $0 + products[$1][$1] } / Double(max(width, 1))
    for place in 0..<width { products[place][place] += max(ridge * variance, 1e-12) }
    let factor = cholesky(products)
    self.means = means
    offsets = (0..<classes).map { number in Double(targets.count { $0 == number }) / count }
    weights = (0..<classes).map { number in
      let right = (0..<width).map { column in
        zip(centred, targets).reduce(0.0) { $0 + $1.0[column] * ($1.1 == number ? 1 : 0) }
      }
      return solve(factor, right)
    }
  }

  /// The likeliest class.
  package func callAsFunction(_ features: [Double]) -> Int {
    let centred = zip(features, means).map { $0 - $1 }
    let scores = zip(weights, offsets).map { weights, offset in
      zip(centred, weights).reduce(offset) { $0 + $1.0 * $1.1 }
    }
    return scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
  }
}

/// The lower triangle L of a positive definite matrix L·Lᵀ, of which the lower triangle is given.
private func cholesky(_ matrix: [[Double]]) -> [[Double]] {
  var lower = matrix
  for row in matrix.indices {
    for column in 0...row {
      let sum = (0..<column).reduce(matrix[row][column]) { $0 - lower[row][$1] * lower[column][$1] }
      lower[row][column] = row == column ? max(sum, 1e-300).squareRoot() : sum / lower[column][column]
    }
  }
  return lower
}

/// x of L·Lᵀ·x = b.
private func solve(_ lower: [[Double]], _ right: [Double]) -> [Double] {
  var values = right
  for row in values.indices {
    for column in 0..<row { values[row] -= lower[row][column] * values[column] }
    values[row] /= lower[row][row]
  }
  for row in values.indices.reversed() {
    for below in row + 1..<max(values.count, row + 1) { values[row] -= lower[below][row] * values[below] }
    values[row] /= lower[row][row]
  }
  return values
}
