/// What a run gives away: the odds that a unit was among the data move by e^ε at most, but for a probability of δ.
public struct PrivacyCost: Equatable, Sendable {
  public let epsilon: Double
  public let delta: Double
  /// The Rényi order that ε comes of; nil by another accountant.
  public let order: Double?
  /// Whether that is the first or the last of the orders: another one might tell less.
  public let isAtEdge: Bool

  public init(epsilon: Double, delta: Double, order: Double? = nil, isAtEdge: Bool = false) {
    (self.epsilon, self.delta, self.order, self.isAtEdge) = (epsilon, delta, order, isAtEdge)
  }
}

/// How ε is counted.
public enum Accountant: String, CaseIterable, Codable, Sendable {
  /// By the distribution of the privacy loss.
  case prv
  /// By Rényi divergences.
  case rdp

  /// ε of a run.
  /// - Parameters:
  ///   - run: what was done, one after the other.
  ///   - delta: between 0 and 1.
  public func epsilon(of run: [SampledGaussian], delta: Double) throws(AccountingError) -> PrivacyCost {
    switch self {
    case .rdp: RenyiAccountant().epsilon(of: run, delta: delta)
    case .prv: try PrivacyLossAccountant().epsilon(of: run, delta: delta)
    }
  }
}
