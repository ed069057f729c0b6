/// Makes the numbers that an image encoder reads of a picture.
public protocol PixelPreparation: Sendable {
  /// Floats of a picture at most.
  var capacity: Int { get }
  /// How large what stands in the place of a picture is that cannot be had.
  var blank: PixelSize { get }
  /// Writes planar pixels, red plane first, to the start of `output`.
  /// - Parameter output: `capacity` floats.
  /// - Returns: how large they are.
  func prepare(
    _ image: Image, into output: UnsafeMutableBufferPointer<Float>
  ) throws(PictureError) -> PixelSize
}

/// How many pixels a picture has.
public struct PixelSize: Equatable, Sendable {
  public let height: Int
  public let width: Int

  public init(height: Int, width: Int) { (self.height, self.width) = (height, width) }

  /// Numbers of three colours.
  public var count: Int { 3 * height * width }
}

extension Preprocessing: PixelPreparation {
  public var capacity: Int { count }
  public var blank: PixelSize { PixelSize(height: imageSize, width: imageSize) }

  public func prepare(
    _ image: Image, into output: UnsafeMutableBufferPointer<Float>
  ) throws(PictureError) -> PixelSize {
    evaluation(image, into: output)
    return blank
  }
}
