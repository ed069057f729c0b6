import Evaluation
import Testing

@Suite struct RerankingTests {
  private func rerank(
    _ scores: [Float], _ layout: RetrievalLayout, depth: Int, _ matching: @escaping (RetrievalPair) -> Float
  ) throws -> [Int32] {
    try scores.withUnsafeBufferPointer {
      try rerankedImageToTextRanks(scores: $0, firstImage: 0, layout: layout, depth: depth) { $0.map(matching) }
    }
  }

  /// One image, right caption 3, found in third place.
  @Test func onlyTheCandidatesAreReordered() throws {
    let layout = try RetrievalLayout(images: 2, imageOfCaption: [1, 1, 1, 0, 1])
    let row: [Float] = [5, 4, 1, 3, 2]
    let good: (RetrievalPair) -> Float = { $0.caption == 3 ? 1 : 0 }
    #expect(try rerank(row, layout, depth: 3, good) == [1])
    #expect(try rerank(row, layout, depth: 2, good) == [3])
    #expect(try rerank(row, layout, depth: 99, good) == [1])
    #expect(try rerank(row, layout, depth: 3) { $0.caption == 4 ? 9 : $0.caption == 0 ? 1 : 0.5 } == [3])
    #expect(try rerank(row, layout, depth: 5) { Float($0.caption) } == [2])
    #expect(try rerank(row, layout, depth: 4) { _ in 0 } == [4])
    #expect(try rerank(row, layout, depth: 4) { $0.caption == 3 ? .nan : 0 } == [4])
    #expect(try rerank(row, layout, depth: 4) { $0.caption == 3 ? 1 : .nan } == [4])
  }

  @Test func tiesAtTheEdgeGoAgainstTheRightAnswer() throws {
    let layout = try RetrievalLayout(images: 2, imageOfCaption: [0, 1, 1])
    #expect(try rerank([1, 1, 1], layout, depth: 2) { $0.caption == 0 ? 1 : 0 } == [3])
    #expect(try rerank([1, 1, 1], layout, depth: 3) { $0.caption == 0 ? 1 : 0 } == [1])
  }

  @Test func pairsAreAskedForInOrderOfTheirScores() throws {
    let layout = try RetrievalLayout(images: 3, imageOfCaption: [0, 1, 2, 2])
    var asked: [RetrievalPair] = []
    let rows: [Float] = [0, 3, 2, 1, 5, 6, 7, 8]
    let ranks = try rows.withUnsafeBufferPointer {
      try rerankedImageToTextRanks(scores: $0, firstImage: 1, layout: layout, depth: 2) { pairs in
        asked += pairs
        return pairs.map { Float($0.caption) }
      }
    }
    #expect(asked.map(\.image) == [1, 1, 2, 2])
    #expect(asked.map(\.caption) == [1, 2, 3, 2])
    #expect(ranks == [2, 1])

    let columns: [Float] = [0, 1, 2]
    let captionRanks = try columns.withUnsafeBufferPointer {
      try rerankedTextToImageRanks(scores: $0, firstCaption: 1, layout: layout, depth: 2) { pairs in
        #expect(pairs == [RetrievalPair(image: 2, caption: 1), RetrievalPair(image: 1, caption: 1)])
        return [0, 1]
      }
    }
    #expect(captionRanks == [1])
  }

  /// With all candidates and the same scores again nothing changes.
  @Test(arguments: 0..<UInt64(10))
  func sameScoresSameRanks(seed: UInt64) throws {
    let layout = try randomLayout(images: 9, seed: seed)
    let width = layout.captionCount
    let scores = randomScores(9 * width, seed: seed)
    let ranks = try scores.withUnsafeBufferPointer { try imageToTextRanks(scores: $0, firstImage: 0, layout: layout) }
    for depth in [1, 3, width] {
      let reranked = try rerank(scores, layout, depth: depth) { scores[$0.image * width + $0.caption] }
      #expect(reranked == ranks)
    }
  }

  @Test func aWrongNumberOfScoresIsAnError() throws {
    let layout = try RetrievalLayout(images: 1, imageOfCaption: [0, 0])
    #expect(throws: EvaluationError.self) {
      try [Float(1), 2].withUnsafeBufferPointer {
        try rerankedImageToTextRanks(scores: $0, firstImage: 0, layout: layout, depth: 2) { _ in [1] }
      }
    }
  }
}
