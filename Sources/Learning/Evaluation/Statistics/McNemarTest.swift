internal import Foundation

/// Whether of two models, asked the same samples, one is right more often (McNemar, Psychometrika 1947): those that both tell or both miss say
/// nothing.
public struct McNemarTest: Equatable, Sendable {
  /// Right by the first alone.
  public let first: Int
  /// Right by the second alone.
  public let second: Int
  /// Two-sided: exact by the binomial distribution below 25, else by χ² with the correction for continuity (Edwards, 1948).
  public let p: Double

  /// - Parameters:
  ///   - first, second: whether each sample is right.
  public init?(_ first: [Bool], _ second: [Bool]) {
    guard first.count == second.count else { return nil }
    self.init(
      first: zip(first, second).count { $0 && !$1 }, second: zip(first, second).count { !$0 && $1 })
  }

  /// - Parameters:
  ///   - first: right by the first alone.
  ///   - second: right by the second alone.
  public init(first: Int, second: Int) {
    (self.first, self.second) = (first, second)
    let (count, smaller) = (first + second, min(first, second))
    guard count >= 25 else {
      p = count == 0 ? 1 : min(1, 2 * BinomialLimits.atMost(smaller, of: count, share: 0.5))
      return
    }
    let difference = Double(abs(first - second) - 1)
    // χ² of one degree of freedom is the square of a normal number.
    p = erfc((difference * difference / Double(count) / 2).squareRoot())
  }
}
