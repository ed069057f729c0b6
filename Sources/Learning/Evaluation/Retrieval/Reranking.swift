/// Ranks after a second, slower model has put the best `depth` of each row into a new order.
///
/// Used as BLIP and ALBEF do: the contrastive scores choose the candidates, the matching head orders them. Order changes
/// only among the first `depth`, so a right answer that is not among them keeps its rank. Among the candidates the rank
/// is again 1 + the number of wrong ones whose new score is not lower than that of the best right one.
///
/// - Parameters:
///   - scores: (images of the block) × (all captions), row-major: what chooses the candidates. Ties at the edge go
///     against the right ones.
///   - depth: how many candidates a row has; all of them where there are fewer.
///   - matching: the new scores of (image, caption) pairs, in their order. Called once a row, so it must not wait for
///     other ranks: they may have another number of rows.
/// - Returns: one rank a row.
public func rerankedImageToTextRanks(
  scores: UnsafeBufferPointer<Float>, firstImage: Int, layout: RetrievalLayout, depth: Int,
  matching: (_ pairs: [RetrievalPair]) throws -> [Float]
) throws -> [Int32] {
  let rows = try rowCount(scores, width: layout.captionCount, first: firstImage, of: layout.images, "images")
  return try rows.map { image, row in
    try rerankedRank(row, own: layout.captions(of: image), depth: depth) { candidates in
      try matching(candidates.map { RetrievalPair(image: image, caption: $0) })
    }
  }
}

/// The same for captions in search of their image.
///
/// - Parameter scores: (captions of the block) × (all images), row-major.
public func rerankedTextToImageRanks(
  scores: UnsafeBufferPointer<Float>, firstCaption: Int, layout: RetrievalLayout, depth: Int,
  matching: (_ pairs: [RetrievalPair]) throws -> [Float]
) throws -> [Int32] {
  let rows = try rowCount(scores, width: layout.images, first: firstCaption, of: layout.captionCount, "captions")
  return try rows.map { caption, row in
    try rerankedRank(row, own: [layout.imageOfCaption[caption]][...], depth: depth) { candidates in
      try matching(candidates.map { RetrievalPair(image: $0, caption: caption) })
    }
  }
}

/// An image and a caption, by their places in the evaluated split.
public struct RetrievalPair: Equatable, Hashable, Sendable {
  /// Index of the image.
  public var image: Int
  /// Index of the caption.
  public var caption: Int

  /// A pair by its indices.
  public init(image: Int, caption: Int) {
    self.image = image
    self.caption = caption
  }
}

private func rerankedRank(
  _ row: UnsafeBufferPointer<Float>, own: ArraySlice<Int>, depth: Int, _ score: ([Int]) throws -> [Float]
) throws -> Int32 {
  let best = bestScore(row, own)
  let isOwn = Set(own)
  // Wrong answers first where scores are equal; NaN is the highest among wrong answers, the lowest among right ones.
  let order = row.indices.map { index in
    let score = row[index].isNaN ? (isOwn.contains(index) ? -Float.infinity : .infinity) : row[index]
    return Candidate(index: index, score: score, isOwn: isOwn.contains(index))
  }.sorted()
  let candidates = order.prefix(depth)
  guard candidates.contains(where: \.isOwn), !best.isNaN else {
    return Int32(1 + row.indices.count { !isOwn.contains($0) && !(row[$0] < best) })
  }
  let scores = try score(candidates.map(\.index))
  guard scores.count == candidates.count else {
    throw EvaluationError.count(what: "matching scores", found: scores.count, expected: candidates.count)
  }
  return scores.withUnsafeBufferPointer { scores in
    let right = Array(candidates.indices.filter { candidates[$0].isOwn })
    let best = bestScore(scores, right[...])
    return Int32(1 + candidates.indices.count { !candidates[$0].isOwn && !(scores[$0] < best) })
  }
}

private struct Candidate: Comparable {
  var index: Int
  var score: Float
  var isOwn: Bool

  /// Higher scores first, then wrong answers, then in order.
  static func < (a: Candidate, b: Candidate) -> Bool {
    if a.score != b.score { return a.score > b.score }
    return a.isOwn != b.isOwn ? b.isOwn : a.index < b.index
  }
}
