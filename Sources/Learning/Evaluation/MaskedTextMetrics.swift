public import Collectives

/// How well a model tells what masked words were.
public struct MaskedTextMetrics: Codable, Equatable, Sendable {
  /// Percent of the masked tokens whose most likely token is the right one.
  public var accuracy: Double
  /// e to the mean of -log p of the right token: how many tokens it is as hard as choosing among.
  public var perplexity: Double
  /// How many tokens were masked.
  public var tokens: Int
  /// The same words with each caption shown another photo, where that was asked for.
  public var accuracyWithOtherPhotos: Double?
  public var perplexityWithOtherPhotos: Double?
  /// With its own photo less with another one: positive accuracy and negative perplexity where photos help.
  public var accuracyDifference: Double?
  public var perplexityDifference: Double?
  /// 95 % intervals by the figures' keys, where they were asked for.
  public var intervals: [String: Interval]?

  enum CodingKeys: String, CodingKey {
    case accuracy, perplexity, tokens
    case accuracyWithOtherPhotos = "accuracy_with_other_photos"
    case perplexityWithOtherPhotos = "perplexity_with_other_photos"
    case accuracyDifference = "accuracy_difference"
    case perplexityDifference = "perplexity_difference"
    case intervals
  }

  /// From the captions that this process has seen; every rank gets the same result. Nil where there was nothing to mask.
  /// - Parameters:
  ///   - captions: this rank's, with their own photos, in the order of the split.
  ///   - others: the same with other photos; none where nobody asked, on any rank.
  ///   - imageOfCaption: of all captions of all ranks.
  public init?(
    localCaptions captions: [MaskedTextSums], withOtherPhotos others: [MaskedTextSums] = [], imageOfCaption: [Int],
    bootstrap: ClusterBootstrap? = nil, communicator: some Communicator
  ) throws {
    let captions = try gatherOverRanks(captions, communicator, "masked tokens of the evaluation")
    let others = try gatherOverRanks(others, communicator, "masked tokens with other photos")
    let split = try MaskedTextSplit(captions, others, imageOfCaption: imageOfCaption)
    tokens = split.tokens
    guard tokens > 0 else { return nil }
    let figures = split.figures
    (accuracy, perplexity) = (figures[0], figures[1])
    if figures.count > 2 {
      (accuracyWithOtherPhotos, perplexityWithOtherPhotos) = (figures[2], figures[3])
      (accuracyDifference, perplexityDifference) = (figures[4], figures[5])
    }
    intervals = bootstrap?.intervals(Array(Self.figureKeys.prefix(figures.count)), split.figures)
  }

  private static let figureKeys: [CodingKeys] = [
    .accuracy, .perplexity, .accuracyWithOtherPhotos, .perplexityWithOtherPhotos, .accuracyDifference,
    .perplexityDifference,
  ]
}
