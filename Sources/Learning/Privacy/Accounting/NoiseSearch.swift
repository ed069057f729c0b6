/// Looks for the noise that a wished ε takes.
public struct NoiseSearch: Sendable {
  public let accountant: Accountant
  public let delta: Double
  /// The most noise that is thought of.
  private static let most = 1e6

  public init(accountant: Accountant, delta: Double) { (self.accountant, self.delta) = (accountant, delta) }

  /// The noise with which so many steps cost ε or at most 0.01 less (a hundredth of an ε below 1): doubled until ε is kept, then halved in
  /// between, as Opacus looks for it; the upper end.
  /// - Parameter before: what was done already, and counts.
  /// - Throws: `AccountingError.unreachable`, or why the accountant cannot say.
  public func noise(
    for epsilon: Double, rate: Double, steps: Int, after before: [SampledGaussian] = []
  ) throws(AccountingError) -> Double {
    func cost(_ noise: Double) throws(AccountingError) -> Double {
      try accountant.epsilon(of: before + [SampledGaussian(rate: rate, noise: noise, steps: steps)], delta: delta)
        .epsilon
    }
    var (low, high) = (0.0, 20.0)
    var kept = try cost(high)
    while kept > epsilon {
      guard high < Self.most else { throw .unreachable(epsilon: epsilon) }
      high *= 2
      kept = try cost(high)
    }
    let tolerance = min(0.01, epsilon / 100)
    // Where the accountant cannot say, too little noise is the reason: what is returned was said.
    for _ in 0..<100 where epsilon - kept > tolerance {
      let middle = (low + high) / 2
      if let found = try? cost(middle), found <= epsilon { (high, kept) = (middle, found) } else { low = middle }
    }
    return high
  }
}
