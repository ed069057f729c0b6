/// How a picture becomes numbers that keeps its shape: the shorter side to S and the longer one to 1333/800 of that at most, and
/// both down to multiples of a divisor, so that patches fill it (Kim et al., "ViLT", 2021, §4.1; transformers'
/// `ViltImageProcessor`).
public struct ShapedPreprocessing: Equatable, Sendable {
  /// S, in pixels; at least the divisor.
  public var shorterSide: Int
  /// What divides both sides, in pixels.
  public var divisor: Int
  public var filter: ResizeFilter
  /// Of red, green and blue, on the scale 0 … 1.
  public var mean: [Double]
  public var standardDeviation: [Double]

  public init(
    shorterSide: Int = 384, divisor: Int = 32, filter: ResizeFilter = .bicubic, mean: [Double] = [0.5, 0.5, 0.5],
    standardDeviation: [Double] = [0.5, 0.5, 0.5]
  ) {
    precondition(1...shorterSide ~= divisor, "pictures of \(shorterSide) pixels in multiples of \(divisor)")
    (self.shorterSide, self.divisor, self.filter) = (shorterSide, divisor, filter)
    (self.mean, self.standardDeviation) = (mean, standardDeviation)
  }

  /// What a picture is brought to; nothing is left of one that is far longer than it is wide.
  public func size(width: Int, height: Int) -> PixelSize {
    let scale = Double(shorterSide) / Double(min(width, height))
    var (rows, columns) = (Double(shorterSide), Double(shorterSide))
    if height < width { columns = scale * Double(width) } else { rows = scale * Double(height) }
    if max(rows, columns) > Double(longestSide) {
      let scale = Double(longestSide) / max(rows, columns)
      (rows, columns) = (scale * rows, scale * columns)
    }
    return PixelSize(height: whole(Int(rows + 0.5)), width: whole(Int(columns + 0.5)))
  }

  /// That of COCO's photos, 1333 to 800, as detectors have it.
  private var longestSide: Int { Int(1333.0 / 800 * Double(shorterSide)) }
  private func whole(_ side: Int) -> Int { side / divisor * divisor }

  /// The same as squares of S' pixels, whatever the shape.
  public func squashed(to imageSize: Int) -> Preprocessing {
    Preprocessing(
      imageSize: imageSize, filter: filter, fit: .squash, mean: mean, standardDeviation: standardDeviation)
  }
}

extension ShapedPreprocessing: PixelPreparation {
  public var capacity: Int { 3 * whole(shorterSide) * whole(longestSide) }
  public var blank: PixelSize { PixelSize(height: divisor, width: divisor) }

  public func prepare(
    _ image: Image, into output: UnsafeMutableBufferPointer<Float>
  ) throws(PictureError) -> PixelSize {
    let size = size(width: image.width, height: image.height)
    guard size.count > 0 else { throw .tooThin(width: image.width, height: image.height) }
    let resampling = Resampling(
      source: PixelBox(x: 0, y: 0, width: image.width, height: image.height), size: (size.width, size.height),
      window: PixelBox(x: 0, y: 0, width: size.width, height: size.height), filter: filter)
    writePlanes(
      of: resampling.apply(to: image), mean, standardDeviation,
      into: UnsafeMutableBufferPointer(rebasing: output[..<size.count]))
    return size
  }
}
