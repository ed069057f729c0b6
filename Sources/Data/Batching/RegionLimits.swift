internal import Reporting

/// What a model that reads regions asks of those of a sample.
public struct RegionLimits: Equatable, Sendable {
  /// Numbers of each region: F.
  public var width: Int
  /// Most regions of a sample.
  public var count: Int
  /// Classes of which each region must have the probabilities; nil where nobody asks for them.
  public var classes: Int?

  public init(width: Int, count: Int, classes: Int? = nil) {
    (self.width, self.count, self.classes) = (width, count, classes)
  }

  /// - Throws: `RegionFault` for regions of another width, for more of them, and for a box in which nothing can be seen.
  public func check(_ regions: RegionFeatures) throws(RegionFault) {
    guard regions.width == width else {
      throw RegionFault(
        "its regions have \(regions.width) numbers each, and the model reads \(width) (model.regions.width)")
    }
    guard regions.count <= count else {
      throw RegionFault(
        "it has \(regions.count) regions, and the model reads at most \(count); raise model.regions.limit, or prepare the "
          + "data with fewer")
    }
    if let classes { try check(classes, regions) }
    for region in 0..<regions.count {
      let box = regions.boxes[4 * region..<4 * region + 4].map { $0 }
      guard box[2] > box[0], box[3] > box[1] else {
        throw RegionFault("the box of region \(region + 1) is \(box): it has no area; prepare the data without it")
      }
    }
  }
}

extension RegionLimits {
  private func check(_ classes: Int, _ regions: RegionFeatures) throws(RegionFault) {
    guard let found = regions.classes else {
      throw RegionFault(
        "its regions have no probabilities of classes, which an objective asks for; prepare the data set without it, or "
          + "from .npz files with soft_labels")
    }
    guard found == classes else {
      throw RegionFault("its regions have probabilities of \(found) classes, and the model tells \(classes)")
    }
  }
}

extension PreparedDataSet {
  /// Refuses a split whose regions a model cannot read, as its first sample shows: all samples have regions of one width.
  /// - Throws: `BatchingError.missingColumn` unless each sample has regions, `.sample` for regions that do not suit.
  public func require(_ limits: RegionLimits, split: String) throws {
    try require([.regions], everywhere: [.regions], split: split)
    guard let sample = try samples(split: split).first else { return }
    try check(regions(sample), limits, of: sample)
  }

  /// The numbers that each region of a split has, and of how many classes it has the probabilities, as the first sample with
  /// regions shows; nil where there are none.
  public func regionSizes(split: String) throws -> (width: Int, classes: Int?)? {
    guard try columnCounts(split: split).contains(where: { $0.column == .regions }) else { return nil }
    for sample in try samples(split: split) {
      if let regions = try regions(sample) { return (regions.width, regions.classes) }
    }
    return nil
  }

  /// - Throws: `BatchingError.sample`.
  func check(_ regions: RegionFeatures?, _ limits: RegionLimits, of sample: SampleReference) throws {
    func refuse(_ reason: String) -> BatchingError {
      .sample(
        key: sample.key, shard: path + "/" + manifest.shards[sample.shard].file, reason: reason, cause: .badData)
    }
    guard let regions else {
      throw refuse("it has no regions, which is all that the model reads of a photo; prepare the data set without it")
    }
    do {
      try limits.check(regions)
    } catch {
      throw refuse(error.reason)
    }
  }
}
