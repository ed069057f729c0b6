internal import Foundation

/// Counts by Rényi divergences, which add up over steps (Mironov, "Rényi Differential Privacy", 2017).
public struct RenyiAccountant: Sendable {
  /// α, each above 1, growing. Those of Opacus: 1.1, 1.2 … 10.9, 12, 13 … 63.
  public let orders: [Double]
  let series: FractionalSeries

  public init(
    orders: [Double] = (1..<100).map { 1 + Double($0) / 10 } + (12..<64).map(Double.init),
    series: FractionalSeries = .absolute
  ) {
    precondition(!orders.isEmpty && orders.allSatisfy { $0 > 1 }, "Rényi orders are above 1")
    (self.orders, self.series) = (orders, series)
  }

  /// The divergence of a run at each order.
  public func divergences(of run: [SampledGaussian]) -> [Double] {
    orders.map { order in
      run.reduce(0) { sum, phase in
        phase.isSilent ? sum : sum + Double(phase.steps) * phase.divergence(order: order, series)
      }
    }
  }

  public func epsilon(of run: [SampledGaussian], delta: Double) -> PrivacyCost {
    epsilon(ofDivergences: divergences(of: run), delta: delta)
  }

  /// The least over all orders of ε = ρ + log(1 − 1/α) − log(δα) / (α − 1) (Canonne, Kamath and Steinke, "The Discrete Gaussian", 2020,
  /// proposition 12; the same in Balle et al., 2020, theorem 21).
  /// - Parameter divergences: ρ at each order.
  public func epsilon(ofDivergences divergences: [Double], delta: Double) -> PrivacyCost {
    precondition(divergences.count == orders.count && delta > 0 && delta < 1, "δ = \(delta)")
    let all = zip(orders, divergences).map { order, divergence in
      divergence + log1p(-1 / order) - log(delta * order) / (order - 1)
    }
    var best = 0
    for place in all.indices where all[place] < all[best] { best = place }
    return PrivacyCost(
      epsilon: max(0, all[best]), delta: delta, order: orders[best],
      isAtEdge: orders.count > 1 && (best == 0 || best == orders.count - 1))
  }
}
