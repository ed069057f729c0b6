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
  /// 95 % intervals by the figures' keys, where they were asked for.
  public var intervals: [String: Interval]?

  /// - Parameters:
  ///   - scores: logit of "match" − logit of "no match", one a pair. NaN is never right: it counts as the lowest score
  ///     of a matching pair and the highest of another.
  ///   - labels: whether the pair matches.
  ///   - images: with which image each pair is drawn again; each has its own if they are not told.
  ///   - bootstrap: what intervals come from.
  public init(
    scores: [Float], labels: [Bool], images: [Int]? = nil, bootstrap: ClusterBootstrap? = nil
  ) throws(EvaluationError) {
    guard !scores.isEmpty else { throw .empty(what: "pairs") }
    let images = images ?? Array(scores.indices)
    for (what, count) in [("labels", labels.count), ("images", images.count)] where count != scores.count {
      throw .count(what: "\(what) of pairs", found: count, expected: scores.count)
    }
    let sorted = scores.indices.map { ScoredPair(scores[$0], labels[$0], images[$0]) }.sorted()
    let figures = matchingFigures(of: sorted, times: [Int](repeating: 1, count: (images.max() ?? 0) + 1))
    (accuracy, auc) = (figures[0], figures[1].isNaN ? nil : figures[1])
    pairs = scores.count
    intervals = bootstrap?.intervals([CodingKeys.accuracy, .auc]) { matchingFigures(of: sorted, times: $0) }
  }

  /// From the pairs that this process has scored; every rank gets the same result, on any number of ranks.
  public init(
    localScores: [Float], localLabels: [Bool], localImages: [Int], bootstrap: ClusterBootstrap? = nil,
    communicator: some Communicator
  ) throws {
    for (what, count) in [("labels", localLabels.count), ("images", localImages.count)] where count != localScores.count
    {
      throw EvaluationError.count(what: "\(what) of pairs", found: count, expected: localScores.count)
    }
    let scores = try gatherOverRanks(localScores, communicator, "matching scores of the evaluation")
    let marks = localLabels.map { $0 ? UInt8(1) : 0 }
    let labels = try gatherOverRanks(marks, communicator, "matching labels of the evaluation")
    let images = try gatherOverRanks(localImages, communicator, "images of the matching scores")
    try self.init(scores: scores, labels: labels.map { $0 == 1 }, images: images, bootstrap: bootstrap)
  }

  enum CodingKeys: String, CodingKey { case accuracy, auc, pairs, intervals }

  /// Writes `auc` as null where it has no value, so that the key is always there.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(accuracy, forKey: .accuracy)
    try container.encode(auc, forKey: .auc)
    try container.encode(pairs, forKey: .pairs)
    try container.encodeIfPresent(intervals, forKey: .intervals)
  }
}

/// Accuracy in percent and the area under the curve, NaN where all pairs are of one kind.
private func matchingFigures(of sorted: [ScoredPair], times: [Int]) -> [Double] {
  var (right, total) = (0, 0)
  for pair in sorted {
    total += times[pair.image]
    right += pair.isRight ? times[pair.image] : 0
  }
  return [100 * Double(right) / Double(total), areaUnderCurve(sorted, times)]
}

/// The Mann–Whitney statistic over the number of (matching, other) pairs of pairs, each pair as often as its image is
/// there. Twice the statistic is a whole number, so the result does not depend on the order of the pairs.
private func areaUnderCurve(_ sorted: [ScoredPair], _ times: [Int]) -> Double {
  var (others, matching, doubled) = (0, 0, 0)
  var start = 0
  while start < sorted.count {
    var (tiedOthers, tiedMatching) = (0, 0)
    var end = start
    while end < sorted.count, sorted[end].ties(with: sorted[start]) {
      if sorted[end].label { tiedMatching += times[sorted[end].image] } else { tiedOthers += times[sorted[end].image] }
      end += 1
    }
    doubled += tiedMatching * (2 * others + tiedOthers)
    others += tiedOthers
    matching += tiedMatching
    start = end
  }
  return others > 0 && matching > 0 ? Double(doubled) / Double(2 * others * matching) : .nan
}

/// A score with its label, in an order where NaN lies below all scores of matching pairs and above all others.
private struct ScoredPair: Comparable {
  let score: Float
  let label: Bool
  let image: Int
  private let level: Int

  init(_ score: Float, _ label: Bool, _ image: Int) {
    (self.score, self.label, self.image) = (score.isNaN ? 0 : score, label, image)
    level = !score.isNaN ? 0 : label ? -1 : 1
  }

  /// Whether the score is a number on the right side of 0.
  var isRight: Bool { level == 0 && (score >= 0) == label }

  static func < (a: ScoredPair, b: ScoredPair) -> Bool { (a.level, a.score) < (b.level, b.score) }

  func ties(with other: ScoredPair) -> Bool { level == other.level && score == other.score }
}
