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

  /// 95 % intervals by the figures' keys, where they were asked for.
  public var intervals: [String: Interval]?

  enum CodingKeys: String, CodingKey {
    case r1, r5, r10
    case medianRank = "median_rank"
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

  /// With their keys.
  var figures: [(key: CodingKeys, value: Double)] {
    [(.r1, r1), (.r5, r5), (.r10, r10), (.medianRank, medianRank)]
  }
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

  /// From the ranks that this process found for its share of the images and captions; every rank gets the same result.
  /// Only whole numbers travel, so it is the same on any number of ranks.
  public init(
    localImageRanks: [Int32], localCaptionRanks: [Int32], layout: RetrievalLayout, bootstrap: ClusterBootstrap? = nil,
    communicator: some Communicator
  ) throws {
    let imageRanks = try gatherOverRanks(localImageRanks, communicator, "image ranks of the evaluation")
    let captionRanks = try gatherOverRanks(localCaptionRanks, communicator, "caption ranks of the evaluation")
    guard imageRanks.count == layout.images else {
      throw EvaluationError.count(what: "images over all ranks", found: imageRanks.count, expected: layout.images)
    }
    guard captionRanks.count == layout.captionCount else {
      throw EvaluationError.count(
        what: "captions over all ranks", found: captionRanks.count, expected: layout.captionCount)
    }
    try self.init(
      imageRanks: imageRanks, captionRanks: captionRanks, imageOfCaption: layout.imageOfCaption, bootstrap: bootstrap)
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
