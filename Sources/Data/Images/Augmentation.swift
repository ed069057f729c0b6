/// The random changes of a training picture, in the order in which they are made: crop, flip, colours.
///
/// Crop and colours are torchvision's RandomResizedCrop and ColorJitter on 8-bit pixels; only the source of the random
/// numbers differs.
public struct Augmentation: Codable, Equatable, Sendable {
  /// The part of the picture's area that is kept.
  public var cropScale: ClosedRange<Float>
  /// Width / height of the crop, drawn uniformly on a logarithmic scale.
  public var cropRatio: ClosedRange<Float>
  /// Probability of mirroring left and right.
  public var flip: Float
  /// Brightness, contrast and saturation are multiplied by 1 − x … 1 + x (not below 0).
  public var brightness: Float
  public var contrast: Float
  public var saturation: Float
  /// The hue is turned by −x … x of a full circle, x ≤ 0.5.
  public var hue: Float

  public init(
    cropScale: ClosedRange<Float> = 1...1, cropRatio: ClosedRange<Float> = (3 / 4)...(4 / 3), flip: Float = 0,
    brightness: Float = 0, contrast: Float = 0, saturation: Float = 0, hue: Float = 0
  ) {
    self.cropScale = cropScale
    self.cropRatio = cropRatio
    self.flip = flip
    self.brightness = brightness
    self.contrast = contrast
    self.saturation = saturation
    self.hue = hue
    if let flaw { preconditionFailure(flaw) }
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    cropScale = try values.decode(ClosedRange<Float>.self, forKey: .cropScale)
    cropRatio = try values.decode(ClosedRange<Float>.self, forKey: .cropRatio)
    flip = try values.decode(Float.self, forKey: .flip)
    brightness = try values.decode(Float.self, forKey: .brightness)
    contrast = try values.decode(Float.self, forKey: .contrast)
    saturation = try values.decode(Float.self, forKey: .saturation)
    hue = try values.decode(Float.self, forKey: .hue)
    if let flaw { throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: flaw)) }
  }

  /// What makes these values unusable.
  private var flaw: String? {
    if !(cropScale.lowerBound > 0 && cropScale.upperBound <= 1) { return "a crop scale outside 0 … 1" }
    if !(cropRatio.lowerBound > 0 && cropRatio.upperBound.isFinite) { return "a crop ratio that is not positive" }
    if !(0...1).contains(flip) { return "a probability of flipping outside 0 … 1" }
    let spreads = [brightness, contrast, saturation]
    if !spreads.allSatisfy({ $0 >= 0 && $0 <= 100 }) { return "a change of colours that is not in 0 … 100" }
    if !(0...0.5).contains(hue) { return "a change of hue outside 0 … 0.5" }
    return nil
  }

  /// For image–text training from scratch on small data: half the area at least (as in SLIP's CLIP baseline, Mu et al.
  /// 2021; open_clip's 0.9 is meant for hundreds of millions of pairs), faint changes of light. Captions speak of left
  /// and right and of colours, so nothing is mirrored and no hue is turned.
  public static let standard = Augmentation(
    cropScale: 0.5...1, brightness: 0.2, contrast: 0.2, saturation: 0.2)

  /// No change: training sees what evaluation sees.
  public static let none = Augmentation()
}

/// The augmentations that a configuration can name.
public enum AugmentationPreset: String, CaseIterable, Sendable {
  case standard, none

  public var values: Augmentation {
    switch self {
    case .standard: .standard
    case .none: .none
    }
  }
}
