/// What a private run is: so many steps, in each of which every unit is drawn with the same probability, by itself.
public struct PrivacyPlan: Equatable, Sendable {
  /// N
  public let units: Int
  /// B, the units that a step draws in the mean.
  public let batch: Int
  public let steps: Int
  /// The probability with which the guarantee may not hold.
  public let delta: Double

  /// - Parameter delta: nil takes the largest power of ten that is at most 1 / 10 N.
  /// - Throws: `PrivacyError` for what makes no guarantee.
  public init(units: Int, batch: Int, steps: Int, delta: Double? = nil) throws(PrivacyError) {
    guard units > 0, batch > 0, steps > 0 else { throw .nothingDrawn(units: units, batch: batch, steps: steps) }
    guard batch <= units else { throw .batchAboveData(batch: batch, units: units) }
    let delta = delta ?? Self.usualDelta(units: units)
    guard delta > 0, delta < 1 / Double(units) else { throw .delta(delta, units: units) }
    (self.units, self.batch, self.steps, self.delta) = (units, batch, steps, delta)
  }

  /// q = B / N. It follows from the data alone: neither ranks nor loaders have a say in it.
  public var rate: Double { Double(batch) / Double(units) }

  /// The steps of as many epochs: such that N · epochs units are drawn in the mean.
  public static func steps(ofEpochs epochs: Double, units: Int, batch: Int) -> Int {
    max(1, Int((epochs * Double(units) / Double(max(batch, 1))).rounded()))
  }

  static func usualDelta(units: Int) -> Double {
    var tenth = 10
    while tenth < 10 * units { tenth *= 10 }
    return 1 / Double(tenth)
  }

  /// The run with a noise of σ times the norm that units are clipped to.
  public func run(noise: Double) -> SampledGaussian { SampledGaussian(rate: rate, noise: noise, steps: steps) }

  /// ε with such a noise.
  public func cost(noise: Double, _ accountant: Accountant) throws(AccountingError) -> PrivacyCost {
    try accountant.epsilon(of: [run(noise: noise)], delta: delta)
  }
}

extension PrivacyPlan {
  /// The least noise, as far as it is looked for, with which the run costs no more than ε.
  public func noise(epsilon: Double, _ accountant: Accountant) throws(AccountingError) -> Double {
    try NoiseSearch(accountant: accountant, delta: delta).noise(for: epsilon, rate: rate, steps: steps)
  }
}
