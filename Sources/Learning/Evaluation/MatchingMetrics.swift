public import Collectives

/// How well a model tells pairs that belong together from pairs that do not.
public struct MatchingMetrics: Codable, Equatable, Sendable {
  /// Percent of the pairs on the right side of the threshold: a pair counts as matching where the logit of "match" is at
  /// least that of "no match", that is where p ≥ 0.5.
  public var accuracy: Double
  /// The probability that a matching pair scores higher than another one, ties counting half, as a share of 1; nil
  /// where all pairs are of one kind.
  public var auc: Double?
  /// How many pairs were scored.
  public var pairs: Int

  /// - Parameters:
  ///   - scores: logit of "match" − logit of "no match", one a pair. NaN is never right: it counts as the lowest score
  ///     of a matching pair and the highest of another.
  ///   - labels: whether the pair matches.
  public init(scores: [Float], labels: [Bool]) throws(EvaluationError) {
    guard !scores.isEmpty else { throw .empty(what: "pairs") }
    guard scores.count == labels.count else {
      throw .count(what: "labels of pairs", found: labels.count, expected: scores.count)
    }
    let right = scores.indices.count { !scores[$0].isNaN && (scores[$0] >= 0) == labels[$0] }
    accuracy = 100 * Double(right) / Double(scores.count)
    auc = areaUnderCurve(scores, labels)
    pairs = scores.count
  }

  /// From the pairs that this process has scored; every rank gets the same result, on any number of ranks.
  public init(localScores: [Float], localLabels: [Bool], communicator: some Communicator) throws {
    guard localScores.count == localLabels.count else {
      throw EvaluationError.count(what: "labels of pairs", found: localLabels.count, expected: localScores.count)
    }
    let scores = try gatherOverRanks(localScores, communicator, "matching scores of the evaluation")
    let marks = localLabels.map { $0 ? UInt8(1) : 0 }
    let labels = try gatherOverRanks(marks, communicator, "matching labels of the evaluation")
    try self.init(scores: scores, labels: labels.map { $0 == 1 })
  }

  enum CodingKeys: String, CodingKey { case accuracy, auc, pairs }

  /// Writes `auc` as null where it has no value, so that the key is always there.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(accuracy, forKey: .accuracy)
    try container.encode(auc, forKey: .auc)
    try container.encode(pairs, forKey: .pairs)
  }
}

/// The Mann–Whitney statistic over the number of (matching, other) pairs of pairs, from one sort. Twice the statistic is
/// a whole number, so the result does not depend on the order of the pairs.
private func areaUnderCurve(_ scores: [Float], _ labels: [Bool]) -> Double? {
  let sorted = zip(scores, labels).map(ScoredPair.init).sorted { ($0.level, $0.score) < ($1.level, $1.score) }
  var others = 0
  var matching = 0
  var doubled = 0
  var start = 0
  while start < sorted.count {
    let tied = sorted[start...].prefix { $0.level == sorted[start].level && $0.score == sorted[start].score }
    let tiedMatching = tied.count { $0.label }
    let tiedOthers = tied.count - tiedMatching
    doubled += tiedMatching * (2 * others + tiedOthers)
    others += tiedOthers
    matching += tiedMatching
    start = tied.endIndex
  }
  guard others > 0, matching > 0 else { return nil }
  return Double(doubled) / Double(2 * others * matching)
}

/// A score with its label, so that NaN lies below all scores of matching pairs and above all others.
private struct ScoredPair {
  var score: Float
  var label: Bool
  var level: Int

  init(_ score: Float, _ label: Bool) {
    self.label = label
    self.score = score.isNaN ? 0 : score
    level = !score.isNaN ? 0 : label ? -1 : 1
  }
}
