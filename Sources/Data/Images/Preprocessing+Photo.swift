public import Randomness

/// How the photos of augmented training are decoded. Evaluation, and training without augmentation, are always exact.
public enum PhotoDecoding: String, Codable, Sendable, CaseIterable {
  /// JPEGs at 1/2, 1/4 or 1/8 of the size where the crop still has as many pixels as the model reads: faster, and pixels
  /// that differ a little from those of `exact`, far less than one crop differs from the next. Other formats as `exact`.
  case scaled
  /// At full size, then resized: Pillow's pixels.
  case exact
}

extension Preprocessing {
  /// A stored photo as training sees it: with `PhotoDecoding.exact` the same as decoding it and taking the pixels.
  ///
  /// - Parameters:
  ///   - limits: what decoding may cost.
  ///   - random: a stream of its own for each sample and epoch; nothing else decides the result.
  ///   - output: `count` floats.
  public func training(
    photo bytes: UnsafeRawBufferPointer, limits: PictureLimits = .init(), augmentation: Augmentation,
    decoding: PhotoDecoding, random: inout RandomStream, into output: UnsafeMutableBufferPointer<Float>
  ) throws(PictureError) {
    guard augmentation != .none, decoding == .scaled else {
      let image = try decodePicture(bytes, limits: limits)
      return training(image, augmentation: augmentation, random: &random, into: output)
    }
    let header = try readPictureHeader(bytes, limits: limits)
    let (width, height) = header.orientedSize
    let box = augmentation.crop(width: width, height: height, random: &random)
    let scale = header.format.decodesScaled ? scale(for: box) : .full
    var pixels = crop(box, at: scale).apply(to: try decodePicture(bytes, limits: limits, atLeast: scale))
    augmentation.change(&pixels, random: &random)
    normalise(pixels, into: output)
  }

  /// The smallest at which the box has S pixels at least each way: nothing is made larger that an exact way would not.
  package func scale(for box: PixelBox) -> DecodingScale {
    DecodingScale.allCases.first { min(box.width, box.height) * Int($0.rawValue) >= imageSize * 8 } ?? .full
  }

  /// A box of the whole picture to S×S pixels, read from the picture at a scale. Pixels outside the box do not count,
  /// but those that it cuts do.
  private func crop(_ box: PixelBox, at scale: DecodingScale) -> Resampling {
    let eighths = Int(scale.rawValue)
    let (left, top) = (box.x * eighths / 8, box.y * eighths / 8)
    let source = PixelBox(
      x: left, y: top, width: scale.pixels(of: box.x + box.width) - left,
      height: scale.pixels(of: box.y + box.height) - top)
    let factor = Float(eighths) / 8
    let (x, y) = (Float(box.x) * factor - Float(left), Float(box.y) * factor - Float(top))
    return Resampling(
      source: source, horizontal: (x, x + Float(box.width) * factor), vertical: (y, y + Float(box.height) * factor),
      size: (imageSize, imageSize), window: PixelBox(x: 0, y: 0, width: imageSize, height: imageSize), filter: filter)
  }
}
