internal import CJPEG

/// Which code of the C target runs; both give the same bytes.
package enum ResampleKernel: Int32 {
  case automatic = 0
  /// Plain C, for tests.
  case portable = 1
}

/// Which pass comes first. Each rounds to 8 bits, so that the order shows in the last bit.
public enum PassOrder: Sendable {
  /// As in Pillow up to 12.
  case rowsFirst
  case columnsFirst

  /// As Pillow 13 chooses: columns first where the height loses more than twice as many pixels as the width.
  init(from source: (width: Int, height: Int), to size: (width: Int, height: Int)) {
    let lost = source.height - size.height
    self = lost > 0 && lost > 2 * (source.width - size.width) ? .columnsFirst : .rowsFirst
  }
}

/// A resize of a rectangle of a picture of which only a window is made: crop, resize and crop again in one.
package struct Resampling {
  /// What the filter can see; nothing outside it counts.
  private let source: PixelBox
  private let horizontal: ResampleWeights
  private let vertical: ResampleWeights
  private let window: PixelBox
  package var kernel = ResampleKernel.automatic
  package var order: PassOrder

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
    order = PassOrder(from: (source.width, source.height), to: size)
    self.horizontal = ResampleWeights(
      inputSize: source.width, box: horizontal ?? (0, Float(source.width)), outputSize: size.width,
      range: window.x..<(window.x + window.width), filter: filter)
    self.vertical = ResampleWeights(
      inputSize: source.height, box: vertical ?? (0, Float(source.height)), outputSize: size.height,
      range: window.y..<(window.y + window.height), filter: filter)
  }

  package func apply(to image: Image) -> Image {
    Image(width: window.width, height: window.height) { target in
      guard let target = target.baseAddress else { return }
      switch order {
      case .rowsFirst: applyRowsFirst(to: image, into: target)
      case .columnsFirst: applyColumnsFirst(to: image, into: target)
      }
    }
  }

  /// Rows, rounded to 8 bits, then columns. Only the rows that the second pass reads are made.
  private func applyRowsFirst(to image: Image, into target: UnsafeMutablePointer<UInt8>) {
    let rows = vertical.reach.clamped(to: 0..<source.height)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: rows.count * rowStride) { middle in
      guard let between = middle.baseAddress else { return }
      image.pixels.withUnsafeBufferPointer { pixels in
        guard let first = pixels.baseAddress else { return }
        let offset = ((source.y + rows.lowerBound) * image.width + source.x) * 3
        alongRows(first + offset, stride: image.width * 3, rows: rows.count, into: between)
      }
      let top = between - rows.lowerBound * rowStride  // where row 0 would be
      alongColumns(top, stride: rowStride, width: window.width, into: target)
    }
  }

  /// Columns, rounded to 8 bits, then rows.
  private func applyColumnsFirst(to image: Image, into target: UnsafeMutablePointer<UInt8>) {
    let width = source.width * 3
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: window.height * (width + rowStride)) { memory in
      guard let between = memory.baseAddress else { return }
      image.pixels.withUnsafeBufferPointer { pixels in
        guard let first = pixels.baseAddress else { return }
        let offset = (source.y * image.width + source.x) * 3
        alongColumns(first + offset, stride: image.width * 3, width: source.width, into: between)
      }
      let made = between + window.height * width
      alongRows(between, stride: width, rows: window.height, into: made)
      for row in 0..<window.height {
        (target + row * window.width * 3).update(from: made + row * rowStride, count: window.width * 3)
      }
    }
  }

  /// Of what the kernel writes along rows: it stores four bytes a pixel.
  private var rowStride: Int { window.width * 3 + 1 }

  private func alongRows(
    _ first: UnsafePointer<UInt8>, stride: Int, rows: Int, into target: UnsafeMutablePointer<UInt8>
  ) {
    horizontal.withUnsafeWeights { weights in
      var weights = weights
      cresample_horizontal(first, stride, source.width, rows, &weights, target, rowStride, kernel.rawValue)
    }
  }

  private func alongColumns(
    _ first: UnsafePointer<UInt8>, stride: Int, width: Int, into target: UnsafeMutablePointer<UInt8>
  ) {
    vertical.withUnsafeWeights { weights in
      var weights = weights
      cresample_vertical(first, stride, width * 3, &weights, target, kernel.rawValue)
    }
  }
}
