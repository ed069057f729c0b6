/// What decoding may cost, checked before anything is allocated, and how forgiving it is.
public struct JPEGLimits: Equatable, Sendable {
  /// Width × height.
  public var maximumPixels = 50_000_000
  /// A picture in which nothing ever changes still takes a bit for each 8×8 block: 512 pixels a byte.
  public var maximumPixelsPerByte = 512
  /// Of a progressive or multi-scan file; real ones have up to about 12.
  public var maximumScans = 100
  /// Scans × pixels: keeps a large picture from using all of `maximumScans`. At least 16 scans are always allowed.
  public var maximumScannedPixels = 1_000_000_000
  /// Takes what there is of a truncated or damaged file; what is missing becomes grey.
  public var allowTruncated = false

  public init() {}

  func scans(width: Int, height: Int) -> Int {
    min(maximumScans, max(16, maximumScannedPixels / max(1, width * height)))
  }
}

/// What a JPEG says about itself before the first scan.
public struct JPEGHeader: Equatable, Sendable {
  public enum ColourSpace: Sendable { case grey, rgb, yCbCr, cmyk, ycck }

  /// As stored: the orientation may swap the two.
  public let width: Int
  public let height: Int
  public let components: Int
  public let colourSpace: ColourSpace
  public let orientation: Orientation
  public let isProgressive: Bool

  /// The sides of the picture as it is to be seen, which are those of the decoded image.
  public var orientedSize: (width: Int, height: Int) {
    orientation.swapsSides ? (height, width) : (width, height)
  }
}
