internal import Foundation

extension ClassPredictions {
  /// [A], of a sample: the softmax of its logits over the temperature, or the sigmoid of each. NaN where a logit is no number.
  public func probabilities(of sample: Int, temperature: Double = 1) -> [Double] {
    let logits = logits(of: sample).map { Double($0) / temperature }
    guard logits.allSatisfy(\.isFinite) else { return logits.map { _ in .nan } }
    return isSeveral ? logits.map(sigmoid) : softmax(logits)
  }

  /// −log of the probability of what is true: of the class, or the mean over all classes of each being so or not. Not of a sample whose
  /// class is unknown.
  public func cost(of sample: Int, temperature: Double = 1) -> Double {
    let logits = logits(of: sample).map { Double($0) / temperature }
    guard logits.allSatisfy(\.isFinite) else { return .nan }
    guard isSeveral else { return logSumExp(logits) - logits[targets[sample][0]] }
    let costs = logits.indices.map { number in
      softplus(targets[sample].contains(number) ? -logits[number] : logits[number])
    }
    return costs.reduce(0, +) / Double(costs.count)
  }
}

func logSumExp(_ logits: [Double]) -> Double {
  let largest = logits.max() ?? 0
  return largest + log(logits.reduce(0.0) { $0 + exp($1 - largest) })
}

func softmax(_ logits: [Double]) -> [Double] {
  let largest = logits.max() ?? 0
  let weights = logits.map { exp($0 - largest) }
  let sum = weights.reduce(0, +)
  return weights.map { $0 / sum }
}

func sigmoid(_ logit: Double) -> Double {
  logit >= 0 ? 1 / (1 + exp(-logit)) : exp(logit) / (1 + exp(logit))
}

/// log(1 + eˣ)
func softplus(_ value: Double) -> Double { max(value, 0) + log1p(exp(-abs(value))) }
