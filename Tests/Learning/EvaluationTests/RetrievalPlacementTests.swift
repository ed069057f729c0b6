import Collectives
import Evaluation
import Foundation
import Testing

@Suite struct RetrievalPlacementTests {
  /// Two images with two captions each, worked by hand. "a dog" is said of both.
  private static let scores: [Float] = [
    0.1, 0.9, 0.5, 0.2,  // image 0: its captions 0 and 2 stand fourth and second
    0.7, 0.7, 0.1, 0.3,  // image 1: its captions 1 and 3 stand second, behind an equal one, and third
  ]

  private func metrics(_ bootstrap: ClusterBootstrap? = nil) throws -> RetrievalMetrics {
    let layout = try RetrievalLayout(images: 2, imageOfCaption: [0, 1, 0, 1])
    let equal = try EqualCaptions(layout, identities: [7, 7, 8, 9])
    let images = try Self.scores.withUnsafeBufferPointer {
      try imageToTextPlacements(scores: $0, firstImage: 0, layout: layout, equal: equal)
    }
    let captions = try transposed(Self.scores, columns: 4).withUnsafeBufferPointer {
      try textToImagePlacements(scores: $0, firstCaption: 0, layout: layout, equal: equal)
    }
    return try RetrievalMetrics(
      localImages: images, localCaptions: captions, layout: layout, bootstrap: bootstrap,
      communicator: SoloCommunicator())
  }

  @Test func placementsOfAWorkedExample() throws {
    let images = try metrics().imageToText
    #expect(images.r1 == 0 && images.r5 == 100 && images.medianRank == 2)
    #expect(images.mrr == 0.5)
    let ideal = 1 + 1 / log2(3.0)
    let gains = [(1 / log2(3.0) + 1 / log2(5.0)) / ideal, (1 / log2(3.0) + 1 / log2(4.0)) / ideal]
    #expect(try abs(#require(images.ndcg10) - (gains[0] + gains[1]) / 2) < 1e-12)
    // What is said of the other as well is found first by both.
    #expect(images.mergedR1 == 100)
  }

  /// Captions 0 and 1 say the same, so either image is right for them; 2 is found first by its own score, 3 too.
  @Test func captionsThatSayTheSameFindEitherImage() throws {
    let captions = try metrics().textToImage
    #expect(captions.r1 == 50 && captions.mergedR1 == 100)
    #expect(try captions.mrr == 0.75 && abs(#require(captions.ndcg10) - (1 + 1 / log2(3.0)) / 2) < 1e-12)
  }

  /// Without ties and with one right answer: 1 / rank and the gain of that rank.
  @Test func oneRightAnswerIsWorthItsRank() throws {
    let scores: [Float] = [0.4, 0.9, 0.6, 0.8]
    let layout = try RetrievalLayout(images: 4, imageOfCaption: [0, 1, 2, 3])
    let equal = try EqualCaptions(layout, identities: [1, 2, 3, 4])
    let placed = try scores.withUnsafeBufferPointer {
      try imageToTextPlacements(scores: $0, firstImage: 2, layout: layout, equal: equal)
    }
    #expect(placed == [RetrievalPlacement](repeating: placed[0], count: 1))
    #expect(placed[0].rank == 3 && placed[0].mergedRank == 3 && abs(placed[0].gain - 0.5) < 1e-12)
  }

  @Test func ranksAreThoseOfBefore() throws {
    for seed in 0..<UInt64(10) {
      let layout = try randomLayout(images: 12, seed: seed)
      let scores = randomScores(12 * layout.captionCount, seed: seed)
      let equal = try EqualCaptions(layout, identities: (0..<layout.captionCount).map { UInt64($0) })
      try scores.withUnsafeBufferPointer { scores in
        let ranks = try imageToTextRanks(scores: scores, firstImage: 0, layout: layout)
        let placed = try imageToTextPlacements(scores: scores, firstImage: 0, layout: layout, equal: equal)
        #expect(placed.map(\.rank) == ranks && placed.map(\.mergedRank) == ranks)
        #expect(placed.allSatisfy { (0...1).contains($0.gain) })
      }
    }
  }

  @Test func figuresBeyondRanksHaveIntervalsAndATable() throws {
    let bootstrap = ClusterBootstrap(ImageClusters([0, 1]))
    let metrics = try metrics(bootstrap)
    for key in ["mrr", "ndcg10", "r1_merged", "r5_merged", "r10_merged", "r1", "median_rank"] {
      #expect(metrics.imageToText.intervals?[key] != nil && metrics.textToImage.intervals?[key] != nil, "\(key)")
    }
    let table = EvaluationReport(retrieval: metrics).table
    #expect(table.contains("MRR") && table.contains("R@10 merged"))
    #expect(table.contains("image→text   0.500 [0.500, 0.500]"), "\(table)")
    // Where captions are held against clips these are called so.
    var clips = EvaluationReport(retrieval: metrics)
    clips.medium = .audio
    #expect(clips.table.contains("audio→text   0.500 [0.500, 0.500]") && clips.table.contains("intervals over clips"))
    #expect(!clips.table.contains("image") && !clips.table.contains("photo"), "\(clips.table)")
    #expect(clips.summary.map(\.name) == ["audio→text R@5", "text→audio R@5"])
    #expect(throws: EvaluationError.self) {
      try EqualCaptions(RetrievalLayout(images: 1, imageOfCaption: [0]), identities: [])
    }
  }
}
