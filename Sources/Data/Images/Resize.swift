/// A rectangle of whole pixels inside an image.
public struct PixelBox: Equatable, Sendable {
  public var x: Int, y: Int, width: Int, height: Int

  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}

/// Resizes, antialiased, with results equal to Pillow's `Image.resize(size, filter, box)` byte for byte.
///
/// - Parameters:
///   - box: the part of the picture to resize, in pixels, fractions allowed; nil is all of it. Pixels around it still count
///     where the filter reaches over its edge.
///   - order: of the passes; nil is that of the newest Pillow.
public func resize(
  _ image: Image, width: Int, height: Int, filter: ResizeFilter,
  box: (x: Double, y: Double, width: Double, height: Double)? = nil, order: PassOrder? = nil
) -> Image {
  let box = box ?? (0, 0, Double(image.width), Double(image.height))
  precondition(
    box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0 && box.x + box.width <= Double(image.width)
      && box.y + box.height <= Double(image.height), "the box \(box) is not inside \(image.width)x\(image.height)")
  var resampling = Resampling(
    source: PixelBox(x: 0, y: 0, width: image.width, height: image.height),
    horizontal: (Float(box.x), Float(box.x + box.width)), vertical: (Float(box.y), Float(box.y + box.height)),
    size: (width, height), window: PixelBox(x: 0, y: 0, width: width, height: height), filter: filter)
  if let order { resampling.order = order }
  return resampling.apply(to: image)
}

extension Image {
  /// The part of the picture inside `box`.
  public func cropped(to box: PixelBox) -> Image {
    precondition(
      box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0 && box.x + box.width <= width
        && box.y + box.height <= height, "the crop \(box) is not inside \(width)x\(height)")
    return pixels.withUnsafeBufferPointer { old in
      Image(width: box.width, height: box.height) { new in
        for y in 0..<box.height {
          let from = ((box.y + y) * width + box.x) * 3
          let row = UnsafeMutableBufferPointer(rebasing: new[(y * box.width * 3)..<((y + 1) * box.width * 3)])
          _ = row.update(fromContentsOf: old[from..<(from + row.count)])
        }
      }
    }
  }
}
