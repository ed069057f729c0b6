internal import Images
internal import Models
internal import TensorEngine

/// A picture without some of its places: they take the picture's own mean colour, which is less of a sight than black.
struct OccludedPictures {
  /// Normalized [3, S, S].
  private let pixels: [Float]
  private let side: Int
  private let means: [Float]

  /// - Parameter picture: of the size that the preprocessing makes.
  init(_ picture: Image, _ preprocessing: Preprocessing) {
    var pixels = [Float](repeating: 0, count: preprocessing.count)
    pixels.withUnsafeMutableBufferPointer { preprocessing.normalise(picture, into: $0) }
    (self.pixels, side) = (pixels, preprocessing.imageSize)
    let plane = side * side
    means = (0..<3).map { channel in
      Float(pixels[channel * plane..<(channel + 1) * plane].reduce(0) { $0 + Double($1) } / Double(plane))
    }
  }

  /// A picture for each set of boxes, without these.
  func without(_ sets: [[Box]], _ engine: Engine) -> ImageInput {
    let made = engine.tensor(sets.flatMap { _ in pixels }, shape: [sets.count, 3, side, side])
    made.withMutableValues { values in
      for (picture, boxes) in sets.enumerated() {
        for box in boxes { cover(box, in: UnsafeMutableBufferPointer(rebasing: values[(picture * pixels.count)...])) }
      }
    }
    return ImageInput(made)
  }

  private func cover(_ box: Box, in values: UnsafeMutableBufferPointer<Float>) {
    let rows = range(box.top, box.bottom)
    let columns = range(box.left, box.right)
    for channel in 0..<3 {
      for row in rows {
        let start = (channel * side + row) * side
        for column in columns { values[start + column] = means[channel] }
      }
    }
  }

  private func range(_ start: Float, _ end: Float) -> Range<Int> {
    let place = { (edge: Float) in min(max(Int((edge * Float(side)).rounded()), 0), side) }
    return place(start)..<max(place(start), place(end))
  }
}
