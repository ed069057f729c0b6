public import Collectives

/// How well a model says where in its photo the thing is that a phrase names.
public struct GroundingMetrics: Codable, Equatable, Sendable {
  /// Percent of the phrases whose box overlaps a right one by half of what both cover, or more (Plummer et al., "Flickr30k Entities", 2015).
  public var accuracy: Double
  /// Of each phrase the overlap with the right box that it is closest to, in percent: the mean.
  public var meanOverlap: Double
  /// Percent of the phrases the centre of whose box lies in a right one (Zhang et al., "Top-down Neural Attention by Excitation Backprop", 2016).
  public var pointing: Double
  public var phrases: Int
  /// 95 % intervals by the figures' keys, where they were asked for.
  public var intervals: [String: Interval]?
  /// For a page, where somebody asked.
  public var exhibits: [Exhibit] = []

  enum CodingKeys: String, CodingKey {
    case accuracy, pointing, phrases, intervals
    case meanOverlap = "mean_iou"
  }

  /// From the phrases that this process has seen; every rank gets the same result, on any number of ranks.
  /// - Parameters:
  ///   - localOverlaps: of each phrase's box with the right one that it overlaps most.
  ///   - localHits: whether the centre of its box lies in a right one.
  ///   - localImages: the photo of each, by its place in the split.
  public init(
    localOverlaps: [Float], localHits: [Bool], localImages: [Int], bootstrap: ClusterBootstrap? = nil,
    communicator: some Communicator
  ) throws {
    for (what, count) in [("centres", localHits.count), ("photos", localImages.count)]
    where count != localOverlaps.count {
      throw EvaluationError.count(what: "\(what) of phrases", found: count, expected: localOverlaps.count)
    }
    let overlaps = try gatherOverRanks(localOverlaps, communicator, "overlaps of the evaluation")
    let hits = try gatherOverRanks(localHits.map { $0 ? UInt8(1) : 0 }, communicator, "centres of the evaluation")
    let images = try gatherOverRanks(localImages, communicator, "photos of the phrases")
    guard !overlaps.isEmpty else { throw EvaluationError.empty(what: "phrases") }
    let figures = { (times: [Int]?) -> [Double] in
      var sums = [0.0, 0.0, 0.0, 0.0]
      for (phrase, overlap) in overlaps.enumerated() {
        let count = Double(times?[images[phrase]] ?? 1)
        sums[0] += count
        if overlap >= 0.5 { sums[1] += count }
        sums[2] += count * Double(overlap)
        if hits[phrase] == 1 { sums[3] += count }
      }
      return sums.dropFirst().map { 100 * $0 / sums[0] }
    }
    let all = figures(nil)
    (accuracy, meanOverlap, pointing, phrases) = (all[0], all[1], all[2], overlaps.count)
    intervals = bootstrap?.intervals([CodingKeys.accuracy, .meanOverlap, .pointing]) { figures($0) }
  }
}
