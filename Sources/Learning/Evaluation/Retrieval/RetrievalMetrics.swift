public import Collectives

/// How well one side finds the other.
public struct RecallMetrics: Codable, Equatable, Sendable {
  /// Percent of the queries with a right answer in first place.
  public var r1: Double
  /// Percent with one among the first 5.
  public var r5: Double
  /// Percent with one among the first 10.
  public var r10: Double
  /// The middle rank, 1 for the best; the mean of the two middle ones for an even number of queries.
  public var medianRank: Double
  /// The mean of 1 / rank, as a share of 1. This and what follows are nil where only ranks are known.
  public var mrr: Double?
  /// The mean of what is gained among the first ten over the most that could be, as a share of 1.
  public var ndcg10: Double?
  /// Recalls in percent where what has a caption with the same words is right as well.
  public var mergedR1: Double?
  public var mergedR5: Double?
  public var mergedR10: Double?

  /// 95 % intervals by the figures' keys, where they were asked for.
  public var intervals: [String: Interval]?

  enum CodingKeys: String, CodingKey {
    case r1, r5, r10, mrr, ndcg10
    case medianRank = "median_rank"
    case mergedR1 = "r1_merged"
    case mergedR5 = "r5_merged"
    case mergedR10 = "r10_merged"
    case intervals
  }

  /// - Parameters:
  ///   - ranks: one a query, from 1, in any order.
  ///   - images: the image of each query; each has its own if they are not told.
  ///   - bootstrap: what intervals come from.
  public init(
    ranks: [Int32], images: [Int]? = nil, bootstrap: ClusterBootstrap? = nil
  ) throws(EvaluationError) {
    guard !ranks.isEmpty else { throw .empty(what: "queries") }
    let images = images ?? Array(ranks.indices)
    let queries = RankedQueries(ranks, images)
    let figures = queries.figures([Int](repeating: 1, count: (images.max() ?? 0) + 1))
    (r1, r5, r10, medianRank) = (figures[0], figures[1], figures[2], figures[3])
    intervals = bootstrap?.intervals([CodingKeys.r1, .r5, .r10, .medianRank], queries.figures)
  }

  /// - Parameter placements: one a query, in any order.
  public init(
    placements: [RetrievalPlacement], images: [Int]? = nil, bootstrap: ClusterBootstrap? = nil
  ) throws(EvaluationError) {
    try self.init(ranks: placements.map(\.rank), images: images, bootstrap: bootstrap)
    let images = images ?? Array(placements.indices)
    let figures = { (times: [Int]) in placedFigures(placements, images, times) }
    let values = figures([Int](repeating: 1, count: (images.max() ?? 0) + 1))
    (mrr, ndcg10, mergedR1, mergedR5, mergedR10) = (values[0], values[1], values[2], values[3], values[4])
    let keys: [CodingKeys] = [.mrr, .ndcg10, .mergedR1, .mergedR5, .mergedR10]
    intervals?.merge(bootstrap?.intervals(keys, figures) ?? [:]) { first, _ in first }
  }

  /// With their keys and columns of a table.
  var placed: [(key: CodingKeys, title: String, value: Double, isPercent: Bool)] {
    let all: [(CodingKeys, String, Double?, Bool)] = [
      (.mrr, "MRR", mrr, false), (.ndcg10, "nDCG@10", ndcg10, false), (.mergedR1, "R@1 merged", mergedR1, true),
      (.mergedR5, "R@5 merged", mergedR5, true), (.mergedR10, "R@10 merged", mergedR10, true),
    ]
    return all.compactMap { key, title, value, isPercent in value.map { (key, title, $0, isPercent) } }
  }

  /// With their keys.
  var figures: [(key: CodingKeys, value: Double)] {
    [(.r1, r1), (.r5, r5), (.r10, r10), (.medianRank, medianRank)]
  }
}

/// Reciprocal ranks, gains, and recalls of what says the same, where each query is there as often as its image.
private func placedFigures(_ placements: [RetrievalPlacement], _ images: [Int], _ times: [Int]) -> [Double] {
  let total = Double(images.reduce(0) { $0 + times[$1] })
  func mean(_ value: (RetrievalPlacement) -> Double) -> Double {
    zip(placements, images).reduce(0.0) { $0 + Double(times[$1.1]) * value($1.0) } / total
  }
  return [mean { 1 / Double($0.rank) }, mean(\.gain)]
    + [1, 5, 10].map { (limit: Int32) in mean { $0.mergedRank <= limit ? 100 : 0 } }
}

/// Queries in ascending order of their ranks.
private struct RankedQueries {
  private let queries: [(rank: Int32, image: Int)]
  /// How many ranks are at most 1, 5, 10.
  private let counts: [Int]

  init(_ ranks: [Int32], _ images: [Int]) {
    queries = zip(ranks, images).map { (rank: $0, image: $1) }.sorted { $0.rank < $1.rank }
    counts = [1, 5, 10].map { limit in ranks.count { $0 <= limit } }
  }

  /// Recall at 1, 5 and 10 and the median rank, where each query is there as often as its image.
  func figures(_ times: [Int]) -> [Double] {
    var before = [0]
    for query in queries { before.append(before[before.count - 1] + times[query.image]) }
    let total = before[queries.count]
    let recalls = counts.map { 100 * Double(before[$0]) / Double(total) }
    let middle = [(total - 1) / 2, total / 2].map { Double(rank(at: $0, before)) }
    return recalls + [(middle[0] + middle[1]) / 2]
  }

  /// - Parameters:
  ///   - place: from 0.
  ///   - before: how many come before each query.
  private func rank(at place: Int, _ before: [Int]) -> Int32 {
    var (low, high) = (0, queries.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if before[middle + 1] > place { high = middle } else { low = middle + 1 }
    }
    return queries[low].rank
  }
}

/// Retrieval in both directions.
public struct RetrievalMetrics: Codable, Equatable, Sendable {
  /// Images in search of one of their captions.
  public var imageToText: RecallMetrics
  /// Captions in search of their image.
  public var textToImage: RecallMetrics
  /// How many images were queries.
  public var images: Int
  /// How many captions were queries.
  public var captions: Int
  /// What the matching head scored, where it found them all; nil where features did.
  public var matched: MatchedPairs?

  enum CodingKeys: String, CodingKey {
    case imageToText = "image_to_text"
    case textToImage = "text_to_image"
    case images, captions
    case matched = "by_matching"
  }

  /// From the ranks of all images and captions.
  /// - Parameters:
  ///   - imageOfCaption: needed for intervals.
  ///   - bootstrap: what intervals come from. Queries are drawn again, the gallery stays.
  public init(
    imageRanks: [Int32], captionRanks: [Int32], imageOfCaption: [Int]? = nil, bootstrap: ClusterBootstrap? = nil
  ) throws(EvaluationError) {
    imageToText = try RecallMetrics(ranks: imageRanks, bootstrap: bootstrap)
    textToImage = try RecallMetrics(ranks: captionRanks, images: imageOfCaption, bootstrap: bootstrap)
    images = imageRanks.count
    captions = captionRanks.count
  }

  /// From where this process's share of the images and captions found what they were looking for; every rank gets the same result.
  public init(
    localImages: [RetrievalPlacement], localCaptions: [RetrievalPlacement], layout: RetrievalLayout,
    bootstrap: ClusterBootstrap? = nil, communicator: some Communicator
  ) throws {
    let found = try gatherOverRanks(localImages, communicator, "image placements of the evaluation")
    let texts = try gatherOverRanks(localCaptions, communicator, "caption placements of the evaluation")
    try Self.check(found.count, texts.count, layout)
    imageToText = try RecallMetrics(placements: found, bootstrap: bootstrap)
    textToImage = try RecallMetrics(placements: texts, images: layout.imageOfCaption, bootstrap: bootstrap)
    (images, captions) = (found.count, texts.count)
  }

  /// From the ranks that this process found for its share of the images and captions; every rank gets the same result.
  /// Only whole numbers travel, so it is the same on any number of ranks.
  public init(
    localImageRanks: [Int32], localCaptionRanks: [Int32], layout: RetrievalLayout, bootstrap: ClusterBootstrap? = nil,
    communicator: some Communicator
  ) throws {
    let imageRanks = try gatherOverRanks(localImageRanks, communicator, "image ranks of the evaluation")
    let captionRanks = try gatherOverRanks(localCaptionRanks, communicator, "caption ranks of the evaluation")
    try Self.check(imageRanks.count, captionRanks.count, layout)
    try self.init(
      imageRanks: imageRanks, captionRanks: captionRanks, imageOfCaption: layout.imageOfCaption, bootstrap: bootstrap)
  }

  private static func check(_ images: Int, _ captions: Int, _ layout: RetrievalLayout) throws(EvaluationError) {
    guard images == layout.images else {
      throw .count(what: "images over all ranks", found: images, expected: layout.images)
    }
    guard captions == layout.captionCount else {
      throw .count(what: "captions over all ranks", found: captions, expected: layout.captionCount)
    }
  }
}

/// What was scored pair by pair for a retrieval: every photo of a gallery with every caption of it.
public struct MatchedPairs: Codable, Equatable, Sendable {
  public var pairs: Int
  /// Of which the gallery's are some, or all.
  public var imagesOfSplit: Int
  /// Of pairs: what decides how many photos the gallery has.
  public var limit: Int

  enum CodingKeys: String, CodingKey {
    case pairs, limit
    case imagesOfSplit = "images_of_split"
  }

  public init(pairs: Int, imagesOfSplit: Int, limit: Int) {
    (self.pairs, self.imagesOfSplit, self.limit) = (pairs, imagesOfSplit, limit)
  }
}
