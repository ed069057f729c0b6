internal import Foundation

/// The interpolation of a resize. All widen with the scale when they shrink a picture, so that nothing aliases.
public enum ResizeFilter: String, Codable, Sendable, CaseIterable {
  case bilinear, bicubic, lanczos

  /// How far the filter reaches at scale 1, in source pixels.
  package var support: Double {
    switch self {
    case .bilinear: 1
    case .bicubic: 2
    case .lanczos: 3
    }
  }

  /// The filter's value at a distance from its centre. The order of the operations is Pillow's: their rounding counts.
  package func callAsFunction(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .bilinear:
      return x < 1 ? 1 - x : 0
    case .bicubic:  // Keys, 1981, with a = -1/2
      let a = -0.5
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
      return 0
    case .lanczos:
      return x < 3 ? sinc(x) * sinc(x / 3) : 0
    }
  }

  /// sin πx / πx.
  private func sinc(_ x: Double) -> Double {
    if x == 0 { return 1 }
    return sin(x * .pi) / (x * .pi)
  }
}
