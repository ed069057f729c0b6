internal import Batching

/// A picture's width and height in pixels.
struct PictureSize: Equatable {
  let width: Int
  let height: Int

  /// - Returns: nil for a side that no picture has.
  init?(width: Int?, height: Int?) {
    let sides = 1...65_535
    guard let width, let height, sides.contains(width), sides.contains(height) else { return nil }
    (self.width, self.height) = (width, height)
  }

  /// Whether the picture can be another one but for its scale, whose sides were rounded to whole pixels.
  func hasShape(of other: PictureSize) -> Bool {
    abs(width * other.height - height * other.width) <= other.width + other.height
  }
}

/// Boxes [R, 4] as shares of the picture.
struct RegionBoxes {
  private(set) var shares: [Float] = []
  /// Those that lay outside by no more than a pixel, and were cut off at the edge.
  private(set) var clipped = 0

  /// - Parameters:
  ///   - numbers: for each region left, top, right, bottom, and `stride` − 4 that are not read.
  ///   - unit: what is 1 of the picture in x and y: its size for boxes in pixels, 1 for shares.
  ///   - size: the picture's, which says how much a pixel is.
  /// - Throws: `RegionFault` for a box that is not finite, upside down or outside by more than a pixel.
  init(_ numbers: [Float], stride: Int, unit: (x: Float, y: Float), size: PictureSize) throws(RegionFault) {
    let slack = (x: 1 / Float(size.width), y: 1 / Float(size.height))
    shares.reserveCapacity(numbers.count / stride * 4)
    for region in 0..<(numbers.count / stride) {
      let raw = numbers[(region * stride)..<(region * stride + 4)].map(\.self)
      let box = [raw[0] / unit.x, raw[1] / unit.y, raw[2] / unit.x, raw[3] / unit.y]
      let isInside = zip(box, [slack.x, slack.y, slack.x, slack.y]).allSatisfy { (-$1...(1 + $1)).contains($0) }
      guard isInside, box[0] <= box[2], box[1] <= box[3] else {
        throw RegionFault(
          "the box of region \(region + 1) is \(raw), which is no part of a picture of \(size.width)×\(size.height)")
      }
      let inside = box.map { min(1, max(0, $0)) }
      clipped += inside == box ? 0 : 1
      shares += inside
    }
  }
}
