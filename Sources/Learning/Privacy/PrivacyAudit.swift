/// What a ledger comes to.
public struct PrivacyAudit: Sendable {
  /// Steps under one secret.
  public struct Section: Equatable, Sendable {
    public let unit: String
    public let units: Int
    public let batch: Int
    public let clip: Double
    /// Releases: steps that were taken again as they were are among them once.
    public let steps: Int
    /// Lines of the ledger.
    public let lines: Int
  }

  public let sections: [Section]
  public let delta: Double
  private let run: [SampledGaussian]

  /// - Parameter delta: nil takes the largest that a section began with.
  public init(_ ledger: PrivacyLedger, delta: Double? = nil) {
    sections = ledger.sections.map {
      Section(
        unit: $0.binding.unit.rawValue, units: $0.binding.units, batch: $0.binding.batch, clip: $0.binding.clip,
        steps: Set($0.steps).count, lines: $0.steps.count)
    }
    run = ledger.run
    self.delta = delta ?? ledger.sections.map(\.binding.delta).max() ?? 1
  }

  /// ε of all sections together: whoever is in the data of several gives away something in each.
  public func cost(_ accountant: Accountant) -> Result<PrivacyCost, AccountingError> {
    Result { () throws(AccountingError) in try accountant.epsilon(of: run, delta: delta) }
  }
}
