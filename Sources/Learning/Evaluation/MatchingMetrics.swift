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
    let pairs = AreaUnderCurve(scores.indices.map { ScoredItem(Double(scores[$0]), labels[$0], images[$0]) })
    let figures = matchingFigures(of: pairs, times: [Int](repeating: 1, count: (images.max() ?? 0) + 1))
    (accuracy, auc) = (figures[0], figures[1].isNaN ? nil : figures[1])
    self.pairs = scores.count
    intervals = bootstrap?.intervals([CodingKeys.accuracy, .auc]) { matchingFigures(of: pairs, times: $0) }
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
private func matchingFigures(of pairs: AreaUnderCurve, times: [Int]) -> [Double] {
  let (right, total) = pairs.rightOfZero(times)
  return [100 * Double(right) / Double(total), pairs.value(times)]
}
