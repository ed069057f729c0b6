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

  enum CodingKeys: String, CodingKey {
    case r1, r5, r10
    case medianRank = "median_rank"
  }

  /// - Parameter ranks: one a query, from 1, in any order.
  public init(ranks: [Int32]) throws(EvaluationError) {
    guard !ranks.isEmpty else { throw .empty(what: "queries") }
    func percent(within limit: Int32) -> Double {
      100 * Double(ranks.count { $0 <= limit }) / Double(ranks.count)
    }
    r1 = percent(within: 1)
    r5 = percent(within: 5)
    r10 = percent(within: 10)
    let sorted = ranks.sorted()
    medianRank = (Double(sorted[(sorted.count - 1) / 2]) + Double(sorted[sorted.count / 2])) / 2
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

  enum CodingKeys: String, CodingKey {
    case imageToText = "image_to_text"
    case textToImage = "text_to_image"
    case images, captions
  }

  /// From the ranks of all images and captions.
  public init(imageRanks: [Int32], captionRanks: [Int32]) throws(EvaluationError) {
    imageToText = try RecallMetrics(ranks: imageRanks)
    textToImage = try RecallMetrics(ranks: captionRanks)
    images = imageRanks.count
    captions = captionRanks.count
  }

  /// From the ranks that this process found for its share of the images and captions; every rank gets the same result.
  /// Only whole numbers travel, so it is the same on any number of ranks.
  public init(
    localImageRanks: [Int32], localCaptionRanks: [Int32], layout: RetrievalLayout,
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
    try self.init(imageRanks: imageRanks, captionRanks: captionRanks)
  }
}
