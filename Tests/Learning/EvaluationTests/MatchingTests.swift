import Evaluation
import Foundation
import Randomness
import Testing

@Suite struct MatchingTests {
  @Test func accuracyHasItsThresholdAtZero() throws {
    let metrics = try MatchingMetrics(
      scores: [0, -0.1, 3, -5, .nan, .nan], labels: [true, true, false, false, true, false])
    #expect(metrics.accuracy == 100.0 * 2 / 6)
    #expect(metrics.pairs == 6)
  }

  /// 2 matching and 2 other pairs, worked by hand: of 4 comparisons 2 are won, 1 is tied.
  @Test func areaOfAWorkedExample() throws {
    #expect(try MatchingMetrics(scores: [1, 3, 1, 2], labels: [true, true, false, false]).auc == 0.625)
    #expect(try MatchingMetrics(scores: [1, 2, 3, 4], labels: [false, false, true, true]).auc == 1)
    #expect(try MatchingMetrics(scores: [4, 3, 2, 1], labels: [false, false, true, true]).auc == 0)
    #expect(try MatchingMetrics(scores: [7, 7, 7], labels: [false, true, true]).auc == 0.5)
    #expect(try MatchingMetrics(scores: [7, 7], labels: [true, true]).auc == nil)
  }

  /// The share of all (matching, other) comparisons that are won, ties half; NaN loses all of them.
  @Test(arguments: 0..<UInt64(20))
  func areaEqualsTheDefinition(seed: UInt64) throws {
    var random = RandomStream(seed: seed, 11)
    var scores = randomScores(120, seed: seed)
    scores += [.infinity, -.infinity, .infinity, -.infinity, -0.0, 0]
    let labels = scores.map { _ in random.integer(below: 3) == 0 }
    var won = 0.0
    var count = 0.0
    for (score, label) in zip(scores, labels) where label {
      for (other, otherLabel) in zip(scores, labels) where !otherLabel {
        count += 1
        won += score > other ? 1 : score == other ? 0.5 : 0
      }
    }
    #expect(try MatchingMetrics(scores: scores, labels: labels).auc == won / count)
  }

  @Test func impossibleInputsAreErrors() {
    #expect(throws: EvaluationError.self) { try MatchingMetrics(scores: [], labels: []) }
    #expect(throws: EvaluationError.self) { try MatchingMetrics(scores: [1], labels: []) }
  }

  @Test func reportsHaveTheDocumentedKeys() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var report = EvaluationReport(
      retrieval: try RetrievalMetrics(imageRanks: [1, 2], captionRanks: [1, 6, 11, 1]),
      matching: try MatchingMetrics(scores: [1, 2], labels: [true, true]))
    #expect(
      String(decoding: try encoder.encode(report), as: UTF8.self)
        == #"{"captions":4,"image_to_text":{"median_rank":1.5,"r1":50,"r10":100,"r5":100},"images":2,"#
        + #""matching":{"accuracy":100,"auc":null,"pairs":2},"#
        + #""text_to_image":{"median_rank":3.5,"r1":50,"r10":75,"r5":50}}"#)
    for reranked in [nil, report.retrieval] {
      report.reranked = reranked
      #expect(try JSONDecoder().decode(EvaluationReport.self, from: encoder.encode(report)) == report)
    }
    report.medium = .audio
    #expect(String(decoding: try encoder.encode(report), as: UTF8.self).contains(#""medium":"audio""#))
    #expect(try JSONDecoder().decode(EvaluationReport.self, from: encoder.encode(report)) == report)
    let matching = EvaluationReport(retrieval: nil, matching: report.matching)
    #expect(try JSONDecoder().decode(EvaluationReport.self, from: encoder.encode(matching)) == matching)
  }
}
