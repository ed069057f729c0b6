internal import Foundation

/// What a run gives away of somebody who has several units, by Rényi divergences.
public struct GroupPrivacy: Sendable {
  /// k
  public let units: Int

  public init(units: Int) {
    precondition(units > 0, "somebody with \(units) units")
    self.units = units
  }

  /// Where all is drawn in each step, k units move the sum by k times as much: σ / k. Else by Vadhan, "The Complexity of Differential
  /// Privacy", 2017, lemma 2.2: (kε, δ (e^{kε} − 1) / (e^ε − 1)) for the largest δ of one unit that ends at the one that is wanted.
  public func epsilon(of run: [SampledGaussian], delta: Double) -> PrivacyCost {
    let accountant = RenyiAccountant()
    if run.allSatisfy({ $0.rate == 1 || $0.isSilent }) {
      let together = run.map { SampledGaussian(rate: $0.rate, noise: $0.noise / Double(units), steps: $0.steps) }
      return accountant.epsilon(of: together, delta: delta)
    }
    let divergences = accountant.divergences(of: run)
    func cost(_ logarithm: Double) -> PrivacyCost {
      accountant.epsilon(ofDivergences: divergences, delta: exp(logarithm))
    }
    // Of a smaller δ of one unit comes a larger ε: looked for from what is wanted down.
    var (high, low) = (log(delta), log(delta))
    while low > -700, !reaches(log(delta), cost(low).epsilon, low) { low -= 1 + (log(delta) - low) }
    low = max(low, -700)
    guard reaches(log(delta), cost(low).epsilon, low) else { return PrivacyCost(epsilon: .infinity, delta: delta) }
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if reaches(log(delta), cost(middle).epsilon, middle) { low = middle } else { high = middle }
    }
    let one = cost(low)
    return PrivacyCost(
      epsilon: Double(units) * one.epsilon, delta: delta, order: one.order, isAtEdge: one.isAtEdge)
  }

  /// Whether δ of one unit becomes no more than what is wanted: log(δ (e^{kε} − 1) / (e^ε − 1)).
  private func reaches(_ wanted: Double, _ epsilon: Double, _ logarithm: Double) -> Bool {
    let growth =
      epsilon > 0
      ? (Double(units) * epsilon + log1p(-exp(-Double(units) * epsilon))) - (epsilon + log1p(-exp(-epsilon)))
      : log(Double(units))
    return logarithm + growth <= wanted
  }
}
