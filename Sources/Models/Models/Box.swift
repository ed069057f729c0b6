/// A part of an image: left, top, right and bottom edge as shares of its width and height.
public struct Box: Equatable, Sendable {
  public let left: Float
  public let top: Float
  public let right: Float
  public let bottom: Float

  public init(_ left: Float, _ top: Float, _ right: Float, _ bottom: Float) {
    (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
  }

  /// The whole image.
  public static let whole = Box(0, 0, 1, 1)

  public var width: Float { right - left }
  public var height: Float { bottom - top }
  public var area: Float { width * height }

  /// The share of what both cover that they cover together; 0 for boxes that cover nothing.
  public func overlap(with other: Box) -> Float {
    let common = Box(
      max(left, other.left), max(top, other.top), min(right, other.right), min(bottom, other.bottom))
    guard common.width > 0, common.height > 0 else { return 0 }
    return common.area / (area + other.area - common.area)
  }
}

/// What a model is told of where a region lies.
enum BoxNumbers: Int {
  /// Left, top, right, bottom, area (Lu et al., "ViLBERT", 2019, §3.1).
  case withArea = 5
  /// Left, top, right, bottom, width, height, area (Chen et al., "UNITER", 2020, §3.1).
  case withSides = 7

  func callAsFunction(_ box: Box) -> [Float] {
    let edges = [box.left, box.top, box.right, box.bottom]
    return switch self {
    case .withArea: edges + [box.area]
    case .withSides: edges + [box.width, box.height, box.area]
    }
  }
}
