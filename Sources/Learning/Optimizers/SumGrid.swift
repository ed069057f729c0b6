/// A grid on which sums of clipped gradients lie, so that they are exact, and have the same bytes however ranks divide the units: of what the sum
/// can be at most a coarse part of 23 bits, and a fine one of 16 bits more. Rounding moves a gradient by 2⁻⁴⁰ of that at most.
struct SumGrid: Equatable, Sendable {
  /// Its width.
  let fine: Double
  private let wide: Double

  /// - Parameters:
  ///   - limit: no number is larger.
  ///   - most: numbers that are added up.
  init(limit: Double, most: Int) {
    var bound = 1.0
    while bound < limit * Double(most) { bound *= 2 }
    while bound / 2 >= limit * Double(most) { bound /= 2 }
    wide = bound * 0x1p-23
    // A rank's fine part has 15 bits then: 512 of them fill the 24 of a float.
    fine = wide * 0x1p-16
  }

  /// To the nearest point.
  func rounded(_ value: Double) -> Double { nearest(value, fine) }

  /// The nearest point of the coarse grid: a sum of those fits a float.
  func coarse(_ value: Double) -> Double { nearest(value, wide) }

  /// Where a number of 53 bits ends at the grid's width, an addition rounds to it.
  private func nearest(_ value: Double, _ width: Double) -> Double {
    let anchor = 0x1.8p52 * width
    return (value + anchor) - anchor
  }
}
