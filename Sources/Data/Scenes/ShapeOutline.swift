/// A point of the unit square in which shapes are described: x to the right, y down, the shape within -1...1.
struct Point: Sendable {
  var x: Float
  var y: Float
}

extension Shape {
  /// How far `point` lies outside the shape (negative: inside), in units of the shape's radius.
  func distance(_ point: Point) -> Float {
    let radius = (point.x * point.x + point.y * point.y).squareRoot()
    switch self {
    case .circle: return radius - 1
    case .ring: return abs(radius - 0.74) - 0.26
    case .square: return polygonDistance(point, Self.squareCorners)
    case .triangle: return polygonDistance(point, Self.triangleCorners)
    case .star: return polygonDistance(point, Self.starCorners)
    case .cross: return polygonDistance(point, Self.crossCorners)
    }
  }

  /// Corners are constants, not sines: the same bits on every machine.
  private static let squareCorners = corners([-0.88, -0.88, 0.88, -0.88, 0.88, 0.88, -0.88, 0.88])
  private static let triangleCorners = corners([0, -1, 1, 0.86, -1, 0.86])
  private static let starCorners = corners([
    0, -1, 0.247, -0.340, 0.951, -0.309, 0.400, 0.130, 0.588, 0.809, 0, 0.420, -0.588, 0.809, -0.400, 0.130, -0.951,
    -0.309, -0.247, -0.340,
  ])
  private static let crossCorners = corners([
    -0.32, -1, 0.32, -1, 0.32, -0.32, 1, -0.32, 1, 0.32, 0.32, 0.32, 0.32, 1, -0.32, 1, -0.32, 0.32, -1, 0.32, -1,
    -0.32, -0.32, -0.32,
  ])

  private static func corners(_ values: [Float]) -> [Point] {
    stride(from: 0, to: values.count, by: 2).map { Point(x: values[$0], y: values[$0 + 1]) }
  }
}

/// The signed distance of a point to a simple polygon: the nearest edge's, with a sign from the crossings of a ray.
private func polygonDistance(_ point: Point, _ corners: [Point]) -> Float {
  var nearest = Float.greatestFiniteMagnitude
  var isInside = false
  var previous = corners[corners.count - 1]
  for corner in corners {
    let edge = Point(x: previous.x - corner.x, y: previous.y - corner.y)
    let offset = Point(x: point.x - corner.x, y: point.y - corner.y)
    let along = (offset.x * edge.x + offset.y * edge.y) / (edge.x * edge.x + edge.y * edge.y)
    let clamped = min(max(along, 0), 1)
    let gap = Point(x: offset.x - edge.x * clamped, y: offset.y - edge.y * clamped)
    nearest = min(nearest, gap.x * gap.x + gap.y * gap.y)
    if (corner.y > point.y) != (previous.y > point.y), offset.x < edge.x * offset.y / edge.y { isInside.toggle() }
    previous = corner
  }
  return isInside ? -nearest.squareRoot() : nearest.squareRoot()
}
