import Collectives
import Evaluation
import TestSupport
import Testing

/// Figures of boxes, counted by hand.
@Suite struct GroundingMetricsTests {
  private let overlaps: [Float] = [0.5, 0.49, 0.9, 0, 1]
  private let hits = [true, true, false, false, true]
  private let images = [0, 0, 1, 2, 2]

  @Test func figuresAreTheirDefinitions() throws {
    let metrics = try GroundingMetrics(
      localOverlaps: overlaps, localHits: hits, localImages: images, communicator: SoloCommunicator())
    #expect(metrics.accuracy == 60 && metrics.pointing == 60 && metrics.phrases == 5)
    #expect(abs(metrics.meanOverlap - 57.8) < 1e-5 && metrics.intervals == nil && metrics.score == 60)
    #expect(metrics.table.contains("60.00 %") && metrics.table.contains("5 phrases"))
  }

  /// Each rank has seen a part; photos are drawn again with all of their phrases.
  @Test func anyNumberOfRanksKnowsTheSame() throws {
    let bootstrap = try #require(ClusterBootstrap(ImageClusters(["a", "b", "c"]), resamples: 200))
    func metrics(_ ranks: Int) throws -> [GroundingMetrics] {
      try InProcessCommunicator.run(ranks: ranks) { communicator in
        let own = 5 * communicator.rank / ranks..<5 * (communicator.rank + 1) / ranks
        return try GroundingMetrics(
          localOverlaps: Array(overlaps[own]), localHits: Array(hits[own]), localImages: Array(images[own]),
          bootstrap: bootstrap, communicator: communicator)
      }
    }
    let one = try metrics(1)[0]
    for ranks in [2, 3] { #expect(try metrics(ranks).allSatisfy { $0 == one }) }
    let interval = try #require(one.intervals?["accuracy"])
    #expect(interval.low >= 50 && interval.high <= 100 && interval.low < 60 && interval.high > 60)
    #expect(Set(try #require(one.intervals).keys) == ["accuracy", "mean_iou", "pointing"])
  }

  @Test func whatIsNoSplitIsRefused() {
    #expect(throws: EvaluationError.self) {
      try GroundingMetrics(localOverlaps: [], localHits: [], localImages: [], communicator: SoloCommunicator())
    }
    #expect(throws: EvaluationError.self) {
      try GroundingMetrics(localOverlaps: [1], localHits: [], localImages: [0], communicator: SoloCommunicator())
    }
  }
}
