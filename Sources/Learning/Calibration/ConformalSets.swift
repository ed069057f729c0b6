/// The classes that are possible for a sample, so many that the true one is among them as often as is asked for, of samples like those
/// it was fitted to (split conformal prediction; Vovk, Gammerman and Shafer, 2005; Angelopoulos and Bates, 2023).
///
/// A class is left out whose score is above a quantile of the true classes' scores: the ⌈(n + 1)(1 − α)⌉-th smallest. A class with enough
/// samples has a quantile of its own, so that the promise holds for each (Mondrian); the others share that of all, and it does not.
public struct ConformalSets: Codable, Equatable, Sendable {
  /// α: how often the true class may be missing.
  public var miss: Double
  public var rule: Rule
  /// How many samples a quantile takes at least.
  public var needed: Int
  /// Of all samples; nil where there are too few.
  public var quantile: Double?
  /// Of each class, nil where there are too few of it.
  public var quantileOfClass: [Double?]
  /// How many samples each class has.
  public var samplesOfClass: [Int]

  enum CodingKeys: String, CodingKey {
    case miss, rule, needed, quantile
    case quantileOfClass = "quantile_by_class"
    case samplesOfClass = "samples_by_class"
  }

  /// What scores a class.
  public enum Rule: String, Codable, Sendable, CaseIterable {
    /// 1 − p: the smallest sets on average (Sadinle, Lei and Wasserman, JASA 2019).
    case least
    /// The probability of all classes that are at least as likely: larger sets where it is hard to tell (Romano, Sesia and Candès,
    /// NeurIPS 2020, without their random draw).
    case adaptive
  }

  /// - Parameters:
  ///   - probabilities: of each sample [N, A].
  ///   - targets: the class of each; nil where none is true, which no set can hold.
  ///   - miss: between 0 and 1.
  public init(_ probabilities: [[Double]], _ targets: [Int?], classes: Int, miss: Double, rule: Rule) {
    (self.miss, self.rule) = (miss, rule)
    needed = Int((1 / miss - 1e-9).rounded(.up)) - 1
    let scores = zip(probabilities, targets).map { own, target in target.map { score(of: $0, own, rule) } ?? 1 }
    quantile = conformalQuantile(scores, miss: miss)
    let ofClass = (0..<classes).map { number in targets.indices.filter { targets[$0] == number }.map { scores[$0] } }
    quantileOfClass = ofClass.map { conformalQuantile($0, miss: miss) }
    samplesOfClass = ofClass.map(\.count)
  }

  /// The numbers of the classes that are possible, the likeliest first; nil where nothing is known of any.
  public func possible(_ probabilities: [Double]) -> [Int]? {
    guard quantile != nil else { return nil }
    return probabilities.indices.filter { number in
      (quantileOfClass[number] ?? quantile).map { score(of: number, probabilities, rule) <= $0 } ?? true
    }.sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }
  }
}

private func score(of number: Int, _ probabilities: [Double], _ rule: ConformalSets.Rule) -> Double {
  switch rule {
  case .least: 1 - probabilities[number]
  // Of what is less likely, so that the least likely of all has 1 to the last bit.
  case .adaptive: 1 - probabilities.filter { $0 < probabilities[number] }.sorted().reduce(0, +)
  }
}

/// Nil where there are fewer than ⌈1/α⌉ − 1, and the set would be everything.
private func conformalQuantile(_ scores: [Double], miss: Double) -> Double? {
  let place = Int((Double(scores.count + 1) * (1 - miss) - 1e-9).rounded(.up))
  return (1...max(scores.count, 1)).contains(place) && place <= scores.count ? scores.sorted()[place - 1] : nil
}
