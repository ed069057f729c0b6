internal import Archives
public import Batching
internal import Files

/// The regions of one photo as a file has them, and what had to be decided about them.
public struct RegionReading: Equatable, Sendable {
  public let features: RegionFeatures
  /// Boxes that lay outside of the photo by no more than a pixel, and were cut off at its edge.
  public let clippedBoxes: Int
  /// Regions of the file that were not taken, as they are the less certain ones.
  public let leftOut: Int
  /// Whether the regions should have been sorted by confidence, the first being kept, and were not.
  public let isUnsorted: Bool
  /// Whether the classes have names instead of numbers, which are not kept.
  public let hasNamedClasses: Bool

  init(
    _ features: RegionFeatures, clippedBoxes: Int, leftOut: Int = 0, isUnsorted: Bool = false,
    hasNamedClasses: Bool = false
  ) {
    (self.features, self.clippedBoxes, self.leftOut) = (features, clippedBoxes, leftOut)
    (self.isUnsorted, self.hasNamedClasses) = (isUnsorted, hasNamedClasses)
  }
}

extension RegionReading {
  /// The regions of one photo: those of a single `.npz`, whatever it is called; else those that a folder, a table or a prepared set has
  /// under the photo's name.
  /// - Parameter width: of the photo as it is shown, in pixels; so is the height.
  /// - Throws: as `RegionFiles`; `RegionError.noPhoto` where there are none of it.
  public init(of photo: String, in path: String, width: Int, height: Int) throws {
    if extensionOf(path) == "npz", !isDirectory(path), let size = PictureSize(width: width, height: height) {
      try self.init(npz: path, size: size)
      return
    }
    if PreparedDataSet.isThere(at: path) {
      if let found = try PreparedDataSet(path: path).regions(ofPhoto: photo) {
        self.init(found, clippedBoxes: 0)
        return
      }
    } else if let found = try RegionFiles([path], photos: [photo]).reading(of: photo, width: width, height: height) {
      self = found
      return
    }
    throw RegionError.noPhoto(path: path, photo: lastComponent(of: photo))
  }
}

/// What was decided about the regions of many photos, counted.
public struct RegionTally: Sendable {
  public private(set) var photos = 0
  public private(set) var regions = 0
  /// The photo that says how many numbers a region has, and the one that says how many classes there are.
  private var wide: (photo: String, count: Int)?
  private var classified: (photo: String, count: Int)?
  private var clipped = 0
  private var leftOut = 0
  private var unsorted = 0
  private var named = 0

  public init() {}

  /// - Throws: `RegionError.file` where a region has not as many numbers, or as many classes, as those before it.
  public mutating func add(_ reading: RegionReading, of photo: String) throws(RegionError) {
    let features = reading.features
    try Self.agree(&wide, (photo, features.width), "numbers")
    if let probabilities = features.probabilities {
      try Self.agree(&classified, (photo, probabilities.count / features.count), "classes")
    }
    photos += 1
    regions += reading.features.count
    clipped += reading.clippedBoxes
    leftOut += reading.leftOut
    unsorted += reading.isUnsorted ? 1 : 0
    named += reading.hasNamedClasses ? 1 : 0
  }

  private static func agree(
    _ known: inout (photo: String, count: Int)?, _ found: (photo: String, count: Int), _ name: String
  ) throws(RegionError) {
    if let known, known.count != found.count {
      let reason = "\(found.count) \(name) a region, where \(known.photo) has \(known.count)"
      throw .file(path: found.photo, reason: reason)
    }
    known = known ?? found
  }

  /// In words, one line for each thing that happened.
  public var notes: [String] {
    let counted = [
      (clipped, "boxes of regions cut off at the edge of their photo, being outside by up to a pixel"),
      (leftOut, "regions not kept: of an .npz those with a confidence above 0.2 are, at least 10 and at most 100"),
      (unsorted, "photos whose regions are not sorted by confidence; the first ones were kept, as UNITER does"),
      (named, "photos whose regions have classes by name, which are not kept"),
    ]
    return counted.filter { $0.0 > 0 }.map { "\($0.1): \($0.0)" }
  }
}
