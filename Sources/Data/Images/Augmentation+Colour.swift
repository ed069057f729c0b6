internal import CJPEG
internal import Randomness

/// One change of the colours, in the manner of Pillow's ImageEnhance and of torchvision's adjust_hue on Pillow images.
package enum ColourChange: Equatable, Sendable {
  /// Towards black below 1, away from it above.
  case brightness(Float)
  /// The same with the mean grey.
  case contrast(Float)
  /// The same with each pixel's own grey.
  case saturation(Float)
  /// Part of a full circle, −0.5 … 0.5.
  case hue(Float)

  package func apply(to image: inout Image) {
    let count = image.width * image.height
    image.pixels.withUnsafeMutableBufferPointer { buffer in
      let pixels = buffer.baseAddress
      switch self {
      case .brightness(let factor):
        ccolor_fade(pixels, count, 0, factor)
      case .contrast(let factor):
        let mean = Double(ccolor_grey_sum(pixels, count)) / Double(count)
        ccolor_fade(pixels, count, UInt8(mean + 0.5), factor)
      case .saturation(let factor):
        ccolor_saturate(pixels, count, factor)
      case .hue(let turn):
        ccolor_shift_hue(pixels, count, UInt8(truncatingIfNeeded: Int(Double(turn) * 255)))
      }
    }
  }
}

extension Augmentation {
  /// Flip and colours, in place. Changes with a range of zero draw no random numbers.
  func change(_ image: inout Image, random: inout RandomStream) {
    if flip > 0, random.uniform() < flip { image = image.oriented(.mirrored) }
    for change in colourChanges(random: &random) { change.apply(to: &image) }
  }

  /// In random order, as ColorJitter makes them.
  private func colourChanges(random: inout RandomStream) -> [ColourChange] {
    var changes: [ColourChange] = []
    if brightness > 0 { changes.append(.brightness(factor(brightness, &random))) }
    if contrast > 0 { changes.append(.contrast(factor(contrast, &random))) }
    if saturation > 0 { changes.append(.saturation(factor(saturation, &random))) }
    if hue > 0 { changes.append(.hue(random.uniform(in: -hue...hue))) }
    random.shuffle(&changes)
    return changes
  }

  private func factor(_ spread: Float, _ random: inout RandomStream) -> Float {
    random.uniform(in: max(0, 1 - spread)...(1 + spread))
  }
}
