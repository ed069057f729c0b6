/// How a camera was held, as EXIF tells it (tag 274): what to do with the stored rows to see the picture upright.
public enum Orientation: Int, Sendable, CaseIterable {
  case upright = 1
  case mirrored = 2
  case upsideDown = 3
  case mirroredUpsideDown = 4
  /// Rows and columns swapped.
  case transposed = 5
  /// To be turned a quarter clockwise.
  case turnedLeft = 6
  /// Rows and columns swapped about the other diagonal.
  case transposedAcross = 7
  /// To be turned a quarter anticlockwise.
  case turnedRight = 8

  /// Whether width and height change places.
  public var swapsSides: Bool { rawValue >= 5 }
}

extension Image {
  /// The picture as it is to be seen, given how it was stored.
  public func oriented(_ orientation: Orientation) -> Image {
    guard orientation != .upright else { return self }
    let (source, stride) = start(orientation)
    let newWidth = orientation.swapsSides ? height : width
    let newHeight = orientation.swapsSides ? width : height
    return pixels.withUnsafeBufferPointer { old in
      Image(width: newWidth, height: newHeight) { new in
        var target = 0
        for y in 0..<newHeight {
          var from = source + y * stride.row
          for _ in 0..<newWidth {
            new[target] = old[from]
            new[target + 1] = old[from + 1]
            new[target + 2] = old[from + 2]
            target += 3
            from += stride.column
          }
        }
      }
    }
  }

  /// Where the upright picture's first pixel is stored, and how many bytes further its right and lower neighbours are.
  private func start(_ orientation: Orientation) -> (first: Int, stride: (column: Int, row: Int)) {
    let right = 3
    let down = width * 3
    let lastColumn = (width - 1) * right
    let lastRow = (height - 1) * down
    return switch orientation {
    case .upright: (0, (right, down))
    case .mirrored: (lastColumn, (-right, down))
    case .upsideDown: (lastColumn + lastRow, (-right, -down))
    case .mirroredUpsideDown: (lastRow, (right, -down))
    case .transposed: (0, (down, right))
    case .turnedLeft: (lastRow, (-down, right))
    case .transposedAcross: (lastColumn + lastRow, (-down, -right))
    case .turnedRight: (lastColumn, (down, -right))
    }
  }
}
