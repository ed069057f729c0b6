internal import CJPEG
public import Randomness

/// How a picture becomes the numbers that a vision tower reads: planar C×S×S floats, red plane first, rows from the top.
public struct Preprocessing: Codable, Equatable, Sendable {
  /// S, in pixels.
  public var imageSize: Int
  public var filter: ResizeFilter
  /// How a picture that is not square becomes one. Augmented training takes crops of its own instead.
  public var fit: Fit
  /// Of red, green and blue, on the scale 0 … 1.
  public var mean: [Double]
  /// Of red, green and blue, on the scale 0 … 1; none is zero.
  public var standardDeviation: [Double]
  /// What the shorter side, or both, become before the middle is cut out; at least S. Nil is S.
  public var resizeSize: Int?
  /// Where the crop lies when it cannot lie in the middle.
  public var centring = Centring.halfToEven

  /// How half a pixel is rounded.
  public enum Centring: String, Codable, Sendable {
    /// As Python's `round` does: torchvision and open_clip.
    case halfToEven = "half_to_even"
    /// Towards the left and the top: transformers.
    case down
  }

  /// What happens to the longer side.
  public enum Fit: String, Codable, Sendable {
    /// The shorter side becomes S, or `resizeSize`; the middle is kept.
    case shortest
    /// Both sides do, whatever the shape.
    case squash
  }

  public init(
    imageSize: Int, resizeSize: Int? = nil, filter: ResizeFilter = .bicubic, fit: Fit = .shortest, mean: [Double],
    standardDeviation: [Double]
  ) {
    self.imageSize = imageSize
    self.resizeSize = resizeSize == imageSize ? nil : resizeSize
    self.filter = filter
    self.fit = fit
    self.mean = mean
    self.standardDeviation = standardDeviation
    if let flaw { preconditionFailure(flaw) }
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    imageSize = try values.decode(Int.self, forKey: .imageSize)
    resizeSize = try values.decodeIfPresent(Int.self, forKey: .resizeSize)
    filter = try values.decode(ResizeFilter.self, forKey: .filter)
    fit = try values.decodeIfPresent(Fit.self, forKey: .fit) ?? .shortest
    mean = try values.decode([Double].self, forKey: .mean)
    standardDeviation = try values.decode([Double].self, forKey: .standardDeviation)
    centring = try values.decodeIfPresent(Centring.self, forKey: .centring) ?? .halfToEven
    if let flaw { throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: flaw)) }
  }

  /// What makes these values unusable.
  private var flaw: String? {
    if !(1...16384).contains(imageSize) { return "an image size of \(imageSize), not in 1 … 16384" }
    if let resizeSize, !(imageSize...16384).contains(resizeSize) {
      return "pictures of \(resizeSize) pixels, not in \(imageSize) … 16384"
    }
    if mean.count != 3 || standardDeviation.count != 3 { return "mean and deviation do not have three numbers each" }
    if !standardDeviation.allSatisfy({ $0 > 0 }) { return "a standard deviation is not positive" }
    return nil
  }

  /// OpenAI's CLIP: bicubic, the colour statistics of its training set (openai/CLIP, clip/clip.py).
  public static func clip(imageSize: Int = 224) -> Preprocessing {
    Preprocessing(
      imageSize: imageSize, mean: [0.48145466, 0.4578275, 0.40821073],
      standardDeviation: [0.26862954, 0.26130258, 0.27577711])
  }

  /// MobileCLIP's: bilinear, and the levels as they are (open_clip, pretrained.py).
  public static func mobileCLIP(imageSize: Int = 256) -> Preprocessing {
    Preprocessing(imageSize: imageSize, filter: .bilinear, mean: [0, 0, 0], standardDeviation: [1, 1, 1])
  }

  /// The same for pictures of another size, of which as large a part is cut out.
  public func resized(to imageSize: Int) -> Preprocessing {
    var other = self
    other.imageSize = imageSize
    other.resizeSize = resizeSize.map { max(imageSize, min(16384, $0 * imageSize / self.imageSize)) }
    return other
  }

  /// Floats in one preprocessed picture: 3 × S × S.
  public var count: Int { 3 * imageSize * imageSize }

  /// The picture as evaluation sees it: shorter side to S or `resizeSize` (or both sides), centre crop, /255, normalised.
  /// Equal to torchvision's Resize, CenterCrop, ToTensor and Normalize on Pillow images.
  ///
  /// - Parameter output: `count` floats.
  public func evaluation(_ image: Image, into output: UnsafeMutableBufferPointer<Float>) {
    normalise(evaluationPixels(image), into: output)
  }

  /// The same before normalisation: S×S pixels.
  public func evaluationPixels(_ image: Image) -> Image {
    centreCrop(of: image).apply(to: image)
  }

  /// The picture as training sees it. With `Augmentation.none` it is that of evaluation and takes no random numbers.
  ///
  /// - Parameters:
  ///   - random: a stream of its own for each sample and epoch; nothing else decides the result.
  ///   - output: `count` floats.
  public func training(
    _ image: Image, augmentation: Augmentation, random: inout RandomStream,
    into output: UnsafeMutableBufferPointer<Float>
  ) {
    normalise(trainingPixels(image, augmentation: augmentation, random: &random), into: output)
  }

  /// The same before normalisation: S×S pixels.
  public func trainingPixels(_ image: Image, augmentation: Augmentation, random: inout RandomStream) -> Image {
    guard augmentation != .none else { return evaluationPixels(image) }
    let box = augmentation.crop(width: image.width, height: image.height, random: &random)
    let window = PixelBox(x: 0, y: 0, width: imageSize, height: imageSize)
    let resampling = Resampling(source: box, size: (imageSize, imageSize), window: window, filter: filter)
    var pixels = resampling.apply(to: image)
    augmentation.change(&pixels, random: &random)
    return pixels
  }

  /// Writes S×S pixels as normalised planes.
  public func normalise(_ image: Image, into output: UnsafeMutableBufferPointer<Float>) {
    precondition(image.width == imageSize && image.height == imageSize, "a picture of the wrong size")
    writePlanes(of: image, mean, standardDeviation, into: output)
  }

  /// Shorter side to R, the other to int(R × long / short); origin of the crop (n − S) / 2, halves as `centring` says.
  private func centreCrop(of image: Image) -> Resampling {
    let short = min(image.width, image.height)
    let side = resizeSize ?? imageSize
    let width = fit == .squash ? side : side * image.width / short
    let height = fit == .squash ? side : side * image.height / short
    let window = PixelBox(
      x: half(width - imageSize), y: half(height - imageSize), width: imageSize, height: imageSize)
    return Resampling(
      source: PixelBox(x: 0, y: 0, width: image.width, height: image.height), size: (width, height), window: window,
      filter: filter)
  }

  private func half(_ value: Int) -> Int {
    switch centring {
    case .halfToEven: Int((Double(value) / 2).rounded(.toNearestOrEven))
    case .down: value / 2
    }
  }
}

/// Writes pixels as normalised planes.
/// - Parameter output: three floats a pixel.
func writePlanes(
  of image: Image, _ mean: [Double], _ deviation: [Double], into output: UnsafeMutableBufferPointer<Float>
) {
  let count = image.width * image.height
  precondition(output.count == 3 * count, "\(output.count) floats for 3x\(image.height)x\(image.width)")
  // The normalised value of each of 256 levels, channel after channel; in single precision throughout, as in PyTorch.
  let tables = (0..<3).flatMap { channel in
    (0..<256).map { level in (Float(level) / 255 - Float(mean[channel])) / Float(deviation[channel]) }
  }
  image.pixels.withUnsafeBufferPointer { pixels in
    tables.withUnsafeBufferPointer { tables in
      cresample_planes(pixels.baseAddress, count, tables.baseAddress, output.baseAddress)
    }
  }
}
