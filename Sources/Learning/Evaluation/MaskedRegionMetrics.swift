public import Collectives

/// How well a model tells what hidden regions were, of the kinds that it has heads for and the data have targets of.
public struct MaskedRegionMetrics: Codable, Equatable, Sendable {
  /// How many regions were hidden.
  public var regions: Int
  /// The mean squared error of a feature's number.
  public var featureError: Double?
  /// Percent of the regions whose likeliest class is the right one, the background left out.
  public var accuracy: Double?
  /// The mean Kullback-Leibler divergence of a region's classes, summed over classes.
  public var divergence: Double?
  /// The mean squared error of a normalised pixel, whose variance is 1.
  public var pixelError: Double?
  /// 95 % intervals by the figures' keys, where they were asked for.
  public var intervals: [String: Interval]?

  enum CodingKeys: String, CodingKey {
    case regions
    case featureError = "feature_error"
    case accuracy, divergence
    case pixelError = "pixel_error"
    case intervals
  }

  /// From the photos that this process has seen; every rank gets the same result. Nil where nothing was told.
  /// - Parameters:
  ///   - photos: this rank's, in the order of the split.
  ///   - images: of the split.
  public init?(
    localPhotos photos: [MaskedRegionSums], images: Int, bootstrap: ClusterBootstrap? = nil,
    communicator: some Communicator
  ) throws {
    let photos = try gatherOverRanks(photos, communicator, "hidden regions of the evaluation")
    guard photos.count == images else {
      throw EvaluationError.count(what: "photos with hidden regions", found: photos.count, expected: images)
    }
    func figures(_ times: [Int]) -> [Double] {
      let all = zip(photos, times).reduce(into: MaskedRegionSums()) { $0.add($1.0, times: $1.1) }
      return [all.featureError, all.accuracy, all.divergence, all.pixelError]
    }
    regions = photos.reduce(0) { $0 + $1.regions }
    let values = figures([Int](repeating: 1, count: images)).map { $0.isNaN ? nil : $0 }
    guard regions > 0, values.contains(where: { $0 != nil }) else { return nil }
    (featureError, accuracy, divergence, pixelError) = (values[0], values[1], values[2], values[3])
    intervals = bootstrap?.intervals([CodingKeys.featureError, .accuracy, .divergence, .pixelError], figures)
  }

  /// The figures that there are, with their keys and names.
  var figures: [(key: CodingKeys, name: String, value: Double, unit: String)] {
    let all: [(CodingKeys, String, Double?, String)] = [
      (.featureError, "squared error of features", featureError, ""), (.accuracy, "classes right", accuracy, " %"),
      (.divergence, "divergence of classes", divergence, ""), (.pixelError, "squared error of pixels", pixelError, ""),
    ]
    return all.compactMap { key, name, value, unit in value.map { (key, name, $0, unit) } }
  }
}
