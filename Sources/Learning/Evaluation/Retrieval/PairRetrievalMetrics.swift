/// How well two modalities find each other, among the samples of a split that have both.
public struct PairRetrievalMetrics: Codable, Equatable, Sendable {
  /// The modalities.
  public var first: String
  public var second: String
  public var samples: Int
  public var firstToSecond: RecallMetrics
  public var secondToFirst: RecallMetrics

  enum CodingKeys: String, CodingKey {
    case first, second, samples
    case firstToSecond = "first_to_second"
    case secondToFirst = "second_to_first"
  }

  public init(
    first: String, second: String, samples: Int, firstToSecond: RecallMetrics, secondToFirst: RecallMetrics
  ) {
    (self.first, self.second, self.samples) = (first, second, samples)
    (self.firstToSecond, self.secondToFirst) = (firstToSecond, secondToFirst)
  }

  /// With what looks for what.
  var directions: [(from: String, to: String, recall: RecallMetrics)] {
    [(first, second, firstToSecond), (second, first, secondToFirst)]
  }

  /// The mean of the recalls, in percent.
  var meanRecall: Double { directions.reduce(0) { $0 + ($1.recall.r1 + $1.recall.r5 + $1.recall.r10) / 6 } }
}

extension [PairRetrievalMetrics] {
  /// For a terminal.
  var lines: [String] {
    guard !isEmpty else { return [] }
    let rows = flatMap { pair in
      pair.directions.map { from, to, recall in
        ["\(from)→\(to)", "\(pair.samples)"]
          + recall.figures.map { figure($0.value, 1, "", recall.intervals, $0.key) }
      }
    }
    return aligned([["", "samples", "R@1", "R@5", "R@10", "median rank"]] + rows)
      + ["recall in percent, among the samples that have both"]
  }
}
