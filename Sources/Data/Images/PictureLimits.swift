/// What decoding may cost, checked before anything is allocated, and how forgiving it is.
public struct PictureLimits: Equatable, Sendable {
  /// Width × height.
  public var maximumPixels = 50_000_000
  /// Of a progressive or multi-scan JPEG; real ones have up to about 12.
  public var maximumScans = 100
  /// Scans × pixels: keeps a large JPEG from using all of `maximumScans`. At least 16 scans are always allowed.
  public var maximumScannedPixels = 1_000_000_000
  /// Takes what there is of a truncated or damaged file; what is missing becomes grey.
  public var allowTruncated = false

  /// Pixels of a side: as long as a JPEG's can be here, so that whatever is read can be written as one.
  static let maximumSide = 65_500

  public init() {}

  /// For a picture of this size that has been let in before, perhaps under a higher limit than the usual one.
  public init(admitting width: Int, _ height: Int) {
    maximumPixels = max(maximumPixels, width * height)
  }

  /// - Throws: `tooManyPixels`, `tooLong`.
  func admit(_ format: PictureFormat, width: Int, height: Int) throws(PictureError) {
    guard width * height <= maximumPixels else {
      throw .tooManyPixels(format, width: width, height: height, limit: maximumPixels)
    }
    guard max(width, height) <= Self.maximumSide else {
      throw .tooLong(format, width: width, height: height, limit: Self.maximumSide)
    }
  }

  /// - Parameter fewest: bytes that a picture of this size takes at the very least.
  /// - Throws: `tooFewBytes`, unless what is missing is allowed to be missing.
  func admit(
    _ format: PictureFormat, width: Int, height: Int, bytes: Int, fewest: Int
  ) throws(PictureError) {
    guard fewest <= bytes || allowTruncated else {
      throw .tooFewBytes(format, width: width, height: height, bytes: bytes)
    }
  }
}
