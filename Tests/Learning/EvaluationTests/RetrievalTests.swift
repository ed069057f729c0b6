import Evaluation
import Randomness
import Testing

/// Random scores on a coarse grid, so that there are ties, with a NaN here and there.
func randomScores(_ count: Int, seed: UInt64, notANumber: Bool = true) -> [Float] {
  var random = RandomStream(seed: seed, 9)
  return (0..<count).map { _ in
    notANumber && random.integer(below: 40) == 0 ? .nan : Float(random.integer(below: 30)) / 8 - 2
  }
}

/// The images of captions: one to five each, in a mixed order.
func randomLayout(images: Int, seed: UInt64) throws -> RetrievalLayout {
  var random = RandomStream(seed: seed, 10)
  var captions = (0..<images).flatMap { image in [Int](repeating: image, count: 1 + random.integer(below: 5)) }
  random.shuffle(&captions)
  return try RetrievalLayout(images: images, imageOfCaption: captions)
}

/// The rows of a matrix exchanged with its columns.
func transposed(_ scores: [Float], columns: Int) -> [Float] {
  let rows = scores.count / columns
  return (0..<columns).flatMap { column in (0..<rows).map { scores[$0 * columns + column] } }
}

extension Array where Element == Float {
  func rows(_ range: Range<Int>, of width: Int) -> [Float] {
    Array(self[(range.lowerBound * width)..<(range.upperBound * width)])
  }
}

@Suite struct RetrievalTests {
  /// Two images with two captions each, worked by hand.
  @Test func ranksOfAWorkedExample() throws {
    let layout = try RetrievalLayout(images: 2, imageOfCaption: [0, 1, 0, 1])
    #expect(layout.captions(of: 1) == [1, 3])
    let scores: [Float] = [
      0.1, 0.9, 0.5, 0.2,  // image 0: its best caption (0.5) is beaten by one of image 1's
      0.7, 0.7, 0.1, 0.3,  // image 1: its best caption (0.7) ties with one of image 0's, which counts against it
    ]
    #expect(
      try scores.withUnsafeBufferPointer { try imageToTextRanks(scores: $0, firstImage: 0, layout: layout) } == [2, 2])
    let columns = transposed(scores, columns: 4)
    let ranks = try columns.withUnsafeBufferPointer {
      try textToImageRanks(scores: $0, firstCaption: 0, layout: layout)
    }
    #expect(ranks == [2, 2, 1, 1])
    let metrics = try RetrievalMetrics(imageRanks: [2, 2], captionRanks: ranks)
    #expect(metrics.imageToText.r1 == 0 && metrics.imageToText.r5 == 100 && metrics.imageToText.medianRank == 2)
    #expect(metrics.textToImage.r1 == 50 && metrics.textToImage.medianRank == 1.5)
    #expect(metrics.images == 2 && metrics.captions == 4)
  }

  @Test func recallCountsRanksUpToItsLimit() throws {
    let metrics = try RecallMetrics(ranks: [1, 1, 2, 5, 6, 10, 11, 400])
    #expect(metrics.r1 == 25)
    #expect(metrics.r5 == 50)
    #expect(metrics.r10 == 75)
    #expect(metrics.medianRank == 5.5)
    #expect(try RecallMetrics(ranks: [7, 3, 1]).medianRank == 3)
  }

  /// The definition by sorting: right answers after wrong ones of the same score, NaN where it hurts most.
  @Test(arguments: 0..<UInt64(20))
  func ranksEqualTheDefinition(seed: UInt64) throws {
    let layout = try randomLayout(images: 12, seed: seed)
    let width = layout.captionCount
    let scores = randomScores(12 * width, seed: seed)
    let columns = transposed(scores, columns: width)
    let images = try scores.withUnsafeBufferPointer { try imageToTextRanks(scores: $0, firstImage: 0, layout: layout) }
    for image in 0..<12 {
      #expect(images[image] == definition(scores.rows(image..<(image + 1), of: width), Set(layout.captions(of: image))))
    }
    let captions = try columns.withUnsafeBufferPointer {
      try textToImageRanks(scores: $0, firstCaption: 0, layout: layout)
    }
    for caption in 0..<width {
      #expect(
        captions[caption] == definition(columns.rows(caption..<(caption + 1), of: 12), [layout.imageOfCaption[caption]])
      )
    }
  }

  private func definition(_ row: [Float], _ own: Set<Int>) -> Int32 {
    let order = row.indices.sorted { a, b in
      let (x, y) = (key(row[a], own.contains(a)), key(row[b], own.contains(b)))
      return x.0 != y.0 ? x.0 > y.0 : x.1 && !y.1
    }
    guard let place = order.firstIndex(where: { own.contains($0) }) else { return .max }
    return Int32(place + 1)
  }

  private func key(_ score: Float, _ own: Bool) -> (Float, Bool) {
    (score.isNaN ? (own ? -.infinity : .infinity) : score, !own)
  }

  @Test func brokenScoresAreNoHits() throws {
    let layout = try RetrievalLayout(images: 3, imageOfCaption: [0, 1, 2])
    let broken = [Float](repeating: .nan, count: 9)
    let constant = [Float](repeating: 1, count: 9)
    for scores in [broken, constant] {
      let ranks = try scores.withUnsafeBufferPointer { try imageToTextRanks(scores: $0, firstImage: 0, layout: layout) }
      #expect(ranks == [3, 3, 3])
    }
    var oneBroken: [Float] = [9, 0, 0, 0, 9, 0, 0, 0, 9]
    oneBroken[0] = .nan
    oneBroken[5] = .nan
    let ranks = try oneBroken.withUnsafeBufferPointer {
      try imageToTextRanks(scores: $0, firstImage: 0, layout: layout)
    }
    #expect(ranks == [3, 2, 1])
  }

  @Test func impossibleInputsAreErrors() throws {
    #expect(throws: EvaluationError.self) { try RetrievalLayout(images: 0, imageOfCaption: []) }
    #expect(throws: EvaluationError.self) { try RetrievalLayout(images: 2, imageOfCaption: [0, 2]) }
    #expect(throws: EvaluationError.self) { try RetrievalLayout(images: 2, imageOfCaption: [-1, 0, 1]) }
    let missing = #expect(throws: EvaluationError.self) { try RetrievalLayout(images: 3, imageOfCaption: [0, 2]) }
    #expect(missing?.description.contains("image 1 ") == true)
    #expect(throws: EvaluationError.self) { try RecallMetrics(ranks: []) }
    let layout = try RetrievalLayout(images: 2, imageOfCaption: [0, 1])
    for (count, first) in [(3, 0), (4, 1), (2, -1)] {
      #expect(throws: EvaluationError.self) {
        try [Float](repeating: 0, count: count).withUnsafeBufferPointer {
          try imageToTextRanks(scores: $0, firstImage: first, layout: layout)
        }
      }
    }
  }
}
