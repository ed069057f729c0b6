/// Of images and captions. Retrieval stands at the top level, matching below its own key.
public struct EvaluationReport: Codable, Equatable, TaskReport {
  /// Its keys stand at the top level.
  public var retrieval: RetrievalMetrics?
  /// Retrieval after re-ranking; `images` and `captions` are those of `retrieval`.
  public var reranked: RetrievalMetrics?
  /// Of the labelled pairs; where a split has none, of each caption with its photo and with a random other one.
  public var matching: MatchingMetrics?
  /// Between each two of three modalities; empty for a model of two.
  public var pairs: [PairRetrievalMetrics] = []
  /// Of words that are masked in the same places in every evaluation.
  public var maskedText: MaskedTextMetrics?

  /// Of regions that are hidden in the same places in every evaluation.
  public var maskedRegions: MaskedRegionMetrics?

  /// What captions are held against.
  public var medium = EvaluatedMedium.image
  /// For a page, where somebody asked.
  public var exhibits: [Exhibit] = []

  /// A report of what was evaluated; nil for what was not.
  public init(retrieval: RetrievalMetrics?, reranked: RetrievalMetrics? = nil, matching: MatchingMetrics? = nil) {
    self.retrieval = retrieval
    self.reranked = reranked
    self.matching = matching
  }

  private enum CodingKeys: String, CodingKey {
    case images, reranked, matching, pairs, medium
    case maskedText = "masked_text"
    case maskedRegions = "masked_regions"
  }

  /// Reads what `encode` writes.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    retrieval = container.contains(.images) ? try RetrievalMetrics(from: decoder) : nil
    reranked = try container.decodeIfPresent(RetrievalMetrics.self, forKey: .reranked)
    matching = try container.decodeIfPresent(MatchingMetrics.self, forKey: .matching)
    medium = try container.decodeIfPresent(EvaluatedMedium.self, forKey: .medium) ?? .image
    pairs = try container.decodeIfPresent([PairRetrievalMetrics].self, forKey: .pairs) ?? []
    maskedText = try container.decodeIfPresent(MaskedTextMetrics.self, forKey: .maskedText)
    maskedRegions = try container.decodeIfPresent(MaskedRegionMetrics.self, forKey: .maskedRegions)
  }

  /// Writes the keys of `retrieval` at the top level.
  public func encode(to encoder: any Encoder) throws {
    try retrieval?.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(reranked, forKey: .reranked)
    try container.encodeIfPresent(matching, forKey: .matching)
    if medium != .image { try container.encode(medium, forKey: .medium) }
    if !pairs.isEmpty { try container.encode(pairs, forKey: .pairs) }
    try container.encodeIfPresent(maskedText, forKey: .maskedText)
    try container.encodeIfPresent(maskedRegions, forKey: .maskedRegions)
  }
}
