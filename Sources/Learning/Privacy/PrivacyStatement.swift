internal import Reporting

/// What a model's weights have given away, and of whom: what stays with the weights.
public struct PrivacyStatement: Sendable, Equatable {
  public let unit: PrivacyUnit
  public let units: Int
  public let steps: Int
  public let delta: Double
  /// Infinite where no accountant can say.
  public let epsilon: Double
  public let accountant: Accountant

  /// - Parameter accountant: where it cannot say, Rényi divergences do.
  public init(_ ledger: PrivacyLedger, _ accountant: Accountant, unit: PrivacyUnit, delta: Double) {
    let run = ledger.run
    (self.unit, self.delta) = (unit, delta)
    units = ledger.sections.last?.binding.units ?? 0
    steps = run.reduce(0) { $0 + $1.steps }
    let told = try? accountant.epsilon(of: run, delta: delta)
    self.accountant = told == nil ? .rdp : accountant
    epsilon = (told ?? RenyiAccountant().epsilon(of: run, delta: delta)).epsilon
  }

  /// For a line of progress.
  public var brief: String { "(ε, δ) = (\(epsilon.isFinite ? decimals(epsilon, 3) : "∞"), \(delta))" }

  /// A sentence for a model's card.
  public var sentence: String {
    "\(brief) for each of \(units) \(unit == .image ? "photos" : "groups") of the training "
      + "data, for neighbours with one more or one less; \(steps) steps, counted by \(accountant.rawValue)"
  }

  /// Names and values for the metadata of a file of weights.
  public var metadata: [(String, String)] {
    [
      ("privacy.epsilon", epsilon.isFinite ? decimals(epsilon, 6) : "inf"), ("privacy.delta", "\(delta)"),
      ("privacy.unit", unit.rawValue),
      ("privacy.units", "\(units)"), ("privacy.steps", "\(steps)"), ("privacy.accountant", accountant.rawValue),
    ]
  }
}
