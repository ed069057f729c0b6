internal import Foundation

/// How the series at an order between whole numbers is added up, whose terms change their signs.
public enum FractionalSeries: Sendable {
  /// As it is (Opacus).
  case signed
  /// Term by term without its sign: a bound from above, which nothing cancels in (Google's dp_accounting).
  case absolute
}

extension SampledGaussian {
  /// D_α of one step: of q N(1, σ²) + (1 − q) N(0, σ²) from N(0, σ²) (Mironov, Talwar and Zhang, "Rényi Differential Privacy of the
  /// Sampled Gaussian Mechanism", 2019).
  func divergence(order: Double, _ series: FractionalSeries) -> Double {
    guard rate > 0 else { return 0 }
    guard noise > 0 else { return .infinity }
    guard rate < 1 else { return order / (2 * noise * noise) }
    let moment = order == order.rounded() ? wholeMoment(Int(order)) : fractionalMoment(order, series)
    return moment / (order - 1)
  }

  /// log A at a whole order: Σ C(α, i) qⁱ (1 − q)^(α − i) exp((i² − i) / 2σ²) (section 3.3).
  private func wholeMoment(_ order: Int) -> Double {
    var (sum, binomial) = (-Double.infinity, 0.0)
    for i in 0...order {
      if i > 0 { binomial += log(Double(order - i + 1)) - log(Double(i)) }
      let term = binomial + Double(i) * log(rate) + Double(order - i) * log1p(-rate)
      sum = logSum(sum, term + Double(i * (i - 1)) / (2 * noise * noise))
    }
    return sum
  }

  /// log A between whole orders: the integral is divided where the two densities are equal, at z₀, and each part is a series.
  private func fractionalMoment(_ order: Double, _ series: FractionalSeries) -> Double {
    var (low, high) = (SignedLogarithm.zero, SignedLogarithm.zero)
    var binomial = SignedLogarithm(logarithm: 0, isNegative: false)
    var before = (low: -Double.infinity, high: -Double.infinity)
    for i in 0..<(series == .absolute ? 1000 : 100_000) {
      if i > 0 { binomial = binomial.times((order - Double(i) + 1) / Double(i)) }
      let isNegative = series == .signed && binomial.isNegative
      let parts = (
        low: binomial.logarithm + lowPart(Double(i), order), high: binomial.logarithm + highPart(Double(i), order)
      )
      low = low.plus(SignedLogarithm(logarithm: parts.low, isNegative: isNegative))
      high = high.plus(SignedLogarithm(logarithm: parts.high, isNegative: isNegative))
      let total = low.plus(high).logarithm
      let isOver =
        switch series {
        case .signed: max(parts.low, parts.high) < -30
        case .absolute:
          parts.low < before.low && parts.high < before.high && max(parts.low, parts.high) < total - 30
        }
      if isOver { return low.plus(high).logarithm }
      before = parts
    }
    // What is left is not known to be small: the order tells nothing.
    return .infinity
  }

  /// Without the binomial: (1 − q)^(α − i) qⁱ exp((i² − i) / 2σ²) ½ erfc((i − z₀) / √2 σ)
  private func lowPart(_ i: Double, _ order: Double) -> Double {
    i * log(rate) + (order - i) * log1p(-rate) + (i * i - i) / (2 * noise * noise)
      + logHalfErfc((i - crossing) / (2.squareRoot() * noise))
  }

  /// The same with j = α − i draws: (1 − q)ⁱ q^j exp((j² − j) / 2σ²) ½ erfc((z₀ − j) / √2 σ)
  private func highPart(_ i: Double, _ order: Double) -> Double {
    let j = order - i
    return j * log(rate) + i * log1p(-rate) + (j * j - j) / (2 * noise * noise)
      + logHalfErfc((crossing - j) / (2.squareRoot() * noise))
  }

  /// z₀ = σ² log(1/q − 1) + ½
  private var crossing: Double { noise * noise * log(1 / rate - 1) + 0.5 }
}
