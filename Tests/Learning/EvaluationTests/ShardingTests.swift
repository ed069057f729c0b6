import Collectives
import Evaluation
import Randomness
import Testing

/// The same metrics, bit by bit, on any number of ranks.
@Suite struct ShardingTests {
  @Test(arguments: [1, 2, 3, 4, 7])
  func retrievalDoesNotDependOnTheRanks(ranks: Int) throws {
    let layout = try randomLayout(images: 6, seed: 1)  // fewer images than ranks in one case
    let scores = randomScores(6 * layout.captionCount, seed: 1)
    let expected = try retrieval(scores, layout, SoloCommunicator())
    let results = try InProcessCommunicator.run(ranks: ranks) { communicator in
      try retrieval(scores, layout, communicator)
    }
    #expect(results == [RetrievalMetrics](repeating: expected, count: ranks))
  }

  @Test(arguments: [1, 2, 3, 4, 7])
  func matchingDoesNotDependOnTheRanks(ranks: Int) throws {
    let scores = randomScores(50, seed: 2)
    let labels = randomScores(50, seed: 3).map { $0 > 0 }
    let expected = try MatchingMetrics(scores: scores, labels: labels)
    let results = try InProcessCommunicator.run(ranks: ranks) { communicator in
      let part = share(of: 50, communicator)
      return try MatchingMetrics(
        localScores: Array(scores[part]), localLabels: Array(labels[part]), localImages: Array(part),
        communicator: communicator)
    }
    #expect(results == [MatchingMetrics](repeating: expected, count: ranks))
  }

  @Test func missingRowsAreNoticedOnEveryRank() throws {
    let layout = try RetrievalLayout(images: 2, imageOfCaption: [0, 1])
    #expect(throws: EvaluationError.self) {
      try InProcessCommunicator.run(ranks: 2) { communicator in
        try RetrievalMetrics(
          localImageRanks: [1], localCaptionRanks: communicator.rank == 0 ? [1] : [], layout: layout,
          communicator: communicator)
      }
    }
  }

  private func retrieval(
    _ scores: [Float], _ layout: RetrievalLayout, _ communicator: some Communicator
  ) throws -> RetrievalMetrics {
    let columns = transposed(scores, columns: layout.captionCount)
    let images = share(of: layout.images, communicator)
    let captions = share(of: layout.captionCount, communicator)
    let imageRanks = try scores.rows(images, of: layout.captionCount).withUnsafeBufferPointer {
      try imageToTextRanks(scores: $0, firstImage: images.lowerBound, layout: layout)
    }
    let captionRanks = try columns.rows(captions, of: layout.images).withUnsafeBufferPointer {
      try textToImageRanks(scores: $0, firstCaption: captions.lowerBound, layout: layout)
    }
    return try RetrievalMetrics(
      localImageRanks: imageRanks, localCaptionRanks: captionRanks, layout: layout, communicator: communicator)
  }

  private func share(of count: Int, _ communicator: some Communicator) -> Range<Int> {
    (count * communicator.rank / communicator.size)..<(count * (communicator.rank + 1) / communicator.size)
  }
}
