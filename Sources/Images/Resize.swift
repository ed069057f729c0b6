internal import CJPEG

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

/// Resizes, antialiased, with results equal to Pillow's `Image.resize(size, filter, box)` byte for byte: rows first, then
/// columns. (Pillow 13 takes columns first where the height shrinks much more than the width; one level may differ.)
///
/// - Parameter box: the part of the picture to resize, in pixels, fractions allowed; nil is all of it. Pixels around it
///   still count where the filter reaches over its edge.
public func resize(
  _ image: Image, width: Int, height: Int, filter: ResizeFilter,
  box: (x: Double, y: Double, width: Double, height: Double)? = nil
) -> Image {
  let box = box ?? (0, 0, Double(image.width), Double(image.height))
  precondition(
    box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0 && box.x + box.width <= Double(image.width)
      && box.y + box.height <= Double(image.height), "the box \(box) is not inside \(image.width)x\(image.height)")
  let resampling = Resampling(
    source: PixelBox(x: 0, y: 0, width: image.width, height: image.height),
    horizontal: (Float(box.x), Float(box.x + box.width)), vertical: (Float(box.y), Float(box.y + box.height)),
    size: (width, height), window: PixelBox(x: 0, y: 0, width: width, height: height), filter: filter)
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

/// Which code of the C target runs; both give the same bytes.
package enum ResampleKernel: Int32 {
  case automatic = 0
  /// Plain C, for tests.
  case portable = 1
}

/// A resize of a rectangle of a picture of which only a window is made: crop, resize and crop again in one.
package struct Resampling {
  /// What the filter can see; nothing outside it counts.
  private let source: PixelBox
  private let horizontal: ResampleWeights
  private let vertical: ResampleWeights
  private let window: PixelBox
  package var kernel = ResampleKernel.automatic

  /// - Parameters:
  ///   - horizontal, vertical: the part of `source` to resize, relative to it; nil is all of it.
  ///   - size: of the whole result.
  ///   - window: the part of the result that is made.
  package init(
    source: PixelBox, horizontal: (from: Float, to: Float)? = nil, vertical: (from: Float, to: Float)? = nil,
    size: (width: Int, height: Int), window: PixelBox, filter: ResizeFilter
  ) {
    precondition(window.width > 0 && window.height > 0, "an image of \(window.width)x\(window.height) pixels")
    self.source = source
    self.window = window
    self.horizontal = ResampleWeights(
      inputSize: source.width, box: horizontal ?? (0, Float(source.width)), outputSize: size.width,
      range: window.x..<(window.x + window.width), filter: filter)
    self.vertical = ResampleWeights(
      inputSize: source.height, box: vertical ?? (0, Float(source.height)), outputSize: size.height,
      range: window.y..<(window.y + window.height), filter: filter)
  }

  package func apply(to image: Image) -> Image {
    Image(width: window.width, height: window.height) { apply(to: image, into: $0.baseAddress!) }
  }

  /// Rows first, rounded to 8 bits, then columns. Only the rows that the second pass reads are made.
  private func apply(to image: Image, into target: UnsafeMutablePointer<UInt8>) {
    let rows = vertical.reach.clamped(to: 0..<source.height)
    let stride = window.width * 3 + 1  // the kernel stores four bytes a pixel
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: rows.count * stride) { middle in
      guard let between = middle.baseAddress else { return }
      image.pixels.withUnsafeBufferPointer { pixels in
        guard let first = pixels.baseAddress else { return }
        let offset = ((source.y + rows.lowerBound) * image.width + source.x) * 3
        horizontal.withUnsafeWeights { weights in
          var weights = weights
          cresample_horizontal(
            first + offset, image.width * 3, source.width, rows.count, &weights, between, stride, kernel.rawValue)
        }
      }
      vertical.withUnsafeWeights { weights in
        var weights = weights
        let top = between - rows.lowerBound * stride  // where row 0 would be
        cresample_vertical(top, stride, window.width * 3, &weights, target, kernel.rawValue)
      }
    }
  }
}
