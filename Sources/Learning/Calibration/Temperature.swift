public import Evaluation
internal import Foundation

/// One number that all logits are divided by, so that what is stated comes true more nearly as often as it says (Guo et al., ICML 2017).
/// Which class is the likeliest stays as it is.
///
/// It has the least −log p on samples that were not trained on. That is convex in β = 1/T, with one minimum at most, and solved for: a
/// Newton step where that stays within what is known to hold the minimum, else half of that.
public struct Temperature: Codable, Equatable, Sendable {
  public var value: Double
  /// The mean of −log p without it and with it.
  public var costBefore: Double
  public var costAfter: Double

  enum CodingKeys: String, CodingKey {
    case value
    case costBefore = "nll_before"
    case costAfter = "nll_after"
  }

  /// - Parameter predictions: sound and labelled, all of them numbers.
  /// - Throws: `CalibrationFailure` where there is no least cost at any finite temperature above 0.
  public init(_ predictions: ClassPredictions) throws(CalibrationFailure) {
    let samples = (0..<predictions.count).map { TemperedSample(predictions, $0) }
    guard derivatives(samples, 0).slope < 0 else { throw .nothingKnown(samples: samples.count) }
    guard samples.contains(where: { !$0.isRightAtAnyTemperature }) else { throw .noMistake(samples: samples.count) }
    let temperature = 1 / minimum { derivatives(samples, $0) }
    func cost(_ temperature: Double) -> Double {
      (0..<predictions.count).reduce(0.0) { $0 + predictions.cost(of: $1, temperature: temperature) }
        / Double(predictions.count)
    }
    (value, costBefore, costAfter) = (temperature, cost(1), cost(temperature))
  }
}

extension Temperature {
  /// That of a model as it is.
  static func none(costing cost: Double) -> Temperature { Temperature(value: 1, costBefore: cost, costAfter: cost) }

  /// Whether temperatures found on one half of the samples make the other half's probabilities no truer: what is found on all of them is
  /// then by chance. False where a half has no temperature, so that nothing is known.
  static func isUseless(on predictions: ClassPredictions) -> Bool {
    let halves = divided(Array(0..<predictions.count), predictions.clusters, into: 2).map { predictions.selecting($0) }
    guard let first = try? Temperature(halves[0]), let second = try? Temperature(halves[1]) else { return false }
    func gain(_ temperature: Temperature, _ half: ClassPredictions) -> Double {
      (0..<half.count).reduce(0.0) { $0 + half.cost(of: $1) - half.cost(of: $1, temperature: temperature.value) }
    }
    return gain(first, halves[1]) + gain(second, halves[0]) <= 0
  }

  private init(value: Double, costBefore: Double, costAfter: Double) {
    (self.value, self.costBefore, self.costAfter) = (value, costBefore, costAfter)
  }
}

/// Where a convex function of β > 0 has its minimum, that falls at 0 and rises in the end.
private func minimum(_ derivatives: (Double) -> (slope: Double, curvature: Double)) -> Double {
  var (low, high) = (0.0, 1.0)
  while derivatives(high).slope < 0, high < 1e12 { (low, high) = (high, 2 * high) }
  var inverse = (low + high) / 2
  for _ in 0..<200 {
    let (slope, curvature) = derivatives(inverse)
    if slope < 0 { low = inverse } else { high = inverse }
    let newton = inverse - slope / curvature
    let next = newton > low && newton < high ? newton : (low + high) / 2
    if abs(next - inverse) <= 1e-12 * inverse { return next }
    inverse = next
  }
  return inverse
}

/// Of the mean of −log p by β: the mean over samples of E z − z of what is true, and of the variance of z, both under p.
private func derivatives(_ samples: [TemperedSample], _ inverse: Double) -> (slope: Double, curvature: Double) {
  let sums = samples.reduce((0.0, 0.0)) { sums, sample in
    let (slope, curvature) = sample.derivatives(inverse)
    return (sums.0 + slope, sums.1 + curvature)
  }
  return (sums.0 / Double(samples.count), sums.1 / Double(samples.count))
}

/// The logits of a sample and what is true of it.
private struct TemperedSample {
  private let logits: [Double]
  private let isTrue: [Bool]
  private let isSeveral: Bool

  init(_ predictions: ClassPredictions, _ sample: Int) {
    logits = predictions.logits(of: sample).map { Double($0) }
    isTrue = predictions.classes.indices.map { predictions.targets[sample].contains($0) }
    isSeveral = predictions.isSeveral
  }

  /// Whether a lower temperature is always better: what is true has the largest logit.
  var isRightAtAnyTemperature: Bool {
    if isSeveral { return zip(logits, isTrue).allSatisfy { $1 ? $0 >= 0 : $0 <= 0 } }
    let own = zip(logits, isTrue).first { $0.1 }?.0 ?? -.infinity
    return logits.allSatisfy { $0 <= own }
  }

  func derivatives(_ inverse: Double) -> (slope: Double, curvature: Double) {
    isSeveral ? sigmoidDerivatives(inverse) : softmaxDerivatives(inverse)
  }

  private func softmaxDerivatives(_ inverse: Double) -> (slope: Double, curvature: Double) {
    let largest = logits.max() ?? 0
    let weights = logits.map { exp(inverse * ($0 - largest)) }
    let sum = weights.reduce(0, +)
    let mean = zip(logits, weights).reduce(0.0) { $0 + $1.0 * $1.1 } / sum
    let variance = zip(logits, weights).reduce(0.0) { $0 + ($1.0 - mean) * ($1.0 - mean) * $1.1 } / sum
    return (mean - (zip(logits, isTrue).first { $0.1 }?.0 ?? mean), variance)
  }

  private func sigmoidDerivatives(_ inverse: Double) -> (slope: Double, curvature: Double) {
    let count = Double(logits.count)
    return zip(logits, isTrue).reduce((0.0, 0.0)) { sums, entry in
      let (logit, isTrue) = entry
      let share = 1 / (1 + exp(-inverse * logit))
      return (sums.0 + (share - (isTrue ? 1 : 0)) * logit / count, sums.1 + share * (1 - share) * logit * logit / count)
    }
  }
}
