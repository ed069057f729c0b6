/// What a picture says about itself before its pixels.
public struct PictureHeader: Equatable, Sendable {
  public let format: PictureFormat
  /// As stored: the orientation may swap the two.
  public let width: Int
  public let height: Int
  public let orientation: Orientation
  /// Whether there are more frames than the first, which is the one that is decoded.
  public let isAnimated: Bool

  init(format: PictureFormat, width: Int, height: Int, orientation: Orientation, isAnimated: Bool = false) {
    self.format = format
    self.width = width
    self.height = height
    self.orientation = orientation
    self.isAnimated = isAnimated
  }

  /// The sides of the picture as it is to be seen, which are those of the decoded image.
  public var orientedSize: (width: Int, height: Int) {
    orientation.swapsSides ? (height, width) : (width, height)
  }
}
