import Images

/// Pictures that are formulas, the same as in Tests/Golden/images.py.
enum Synthetic: String {
  /// Steep edges and noise on a ramp: what a resize finds hard.
  case noisy
  /// What JPEG is good at.
  case smooth
  /// Every colour alike.
  case random

  func picture(_ width: Int, _ height: Int) -> Image {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<3 { pixels.append(UInt8(min(255, value(x, y, channel, width + height)))) }
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  private func value(_ x: Int, _ y: Int, _ channel: Int, _ sides: Int) -> Int {
    switch self {
    case .noisy: 255 * ((x / 5 + y / 7 + channel) % 2) ^ Int(noise(x, y, channel) & 63)
    case .smooth:
      (x * (3 + channel) + y * (5 - channel)) * 255 / (8 * sides) + 40 * ((x / 16 + y / 16) % 2)
    case .random: Int(noise(x, y, channel) & 255)
    }
  }
}

/// 32 mixed bits of a position.
private func noise(_ x: Int, _ y: Int, _ channel: Int) -> UInt32 {
  var h = UInt32(x) &* 374_761_393 &+ UInt32(y) &* 668_265_263 &+ UInt32(channel) &* 2_246_822_519
  h = (h ^ (h >> 13)) &* 1_274_126_177
  return h ^ (h >> 16)
}
