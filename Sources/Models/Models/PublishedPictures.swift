internal import Images
internal import Settings

/// How pictures became a tower's images when it was trained: the shorter side to `resizeSize`, the middle cut out, the
/// levels 0 … 1 less `mean`, over `standardDeviation`.
public struct PublishedPictures: Sendable, Equatable {
  public enum Filter: String, Sendable, CaseIterable {
    case bilinear, bicubic
  }

  /// Of the image that is cut out, in pixels.
  public var imageSize: Int
  /// The share of the resized picture's side that is cut out, as timm's `crop_pct`.
  public var cropShare: Double
  public var filter: Filter
  /// Of red, green and blue.
  public var mean: [Double]
  public var standardDeviation: [Double]

  public init(imageSize: Int, cropShare: Double, filter: Filter, mean: [Double], standardDeviation: [Double]) {
    (self.imageSize, self.cropShare, self.filter) = (imageSize, cropShare, filter)
    (self.mean, self.standardDeviation) = (mean, standardDeviation)
  }

  /// What the shorter side becomes, in pixels.
  public var resizeSize: Int { Int(Double(imageSize) / cropShare) }

  var preprocessing: Preprocessing {
    Preprocessing(
      imageSize: imageSize, resizeSize: resizeSize, filter: filter == .bilinear ? .bilinear : .bicubic, mean: mean,
      standardDeviation: standardDeviation)
  }

  /// The colour statistics of ImageNet.
  static let imageNet = (mean: [0.485, 0.456, 0.406], standardDeviation: [0.229, 0.224, 0.225])
}

// MARK: As timm writes them

extension PublishedPictures: Encodable {
  private enum CodingKeys: String, CodingKey {
    case inputSize = "input_size"
    case cropShare = "crop_pct"
    case filter = "interpolation"
    case mean
    case standardDeviation = "std"
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode([3, imageSize, imageSize], forKey: .inputSize)
    try keys.encode(cropShare, forKey: .cropShare)
    try keys.encode(filter.rawValue, forKey: .filter)
    try keys.encode(mean, forKey: .mean)
    try keys.encode(standardDeviation, forKey: .standardDeviation)
  }

  /// `pretrained_cfg` of timm's `config.json`; what it leaves out is as `usual` has it.
  init(_ keys: Settings, usual: PublishedPictures) throws(SettingsError) {
    try keys.require(timmPictureKeys)
    self = usual
    if let sizes = try keys.wholes("input_size") {
      guard sizes.count == 3, sizes[0] == 3, sizes[1] == sizes[2] else {
        throw keys.unsupported("input_size", wanted: "three colours of square images")
      }
      imageSize = sizes[1]
    }
    cropShare = try keys.number("crop_pct") ?? cropShare
    guard 0.1...1 ~= cropShare else { throw keys.unsupported("crop_pct", wanted: "a share of 0.1 to 1") }
    if let name = try keys.text("interpolation") {
      guard let filter = Filter(rawValue: name) else {
        throw keys.unsupported("interpolation", wanted: "bilinear and bicubic")
      }
      self.filter = filter
    }
    mean = try keys.colours("mean") ?? mean
    standardDeviation = try keys.colours("std") ?? standardDeviation
    guard standardDeviation.allSatisfy({ $0 > 0 }) else { throw keys.unsupported("std", wanted: "numbers above 0") }
  }
}

extension Settings {
  fileprivate func colours(_ key: String) throws(SettingsError) -> [Double]? {
    guard let values = try numbers(key) else { return nil }
    guard values.count == 3 else { throw wrongType(key, "three numbers") }
    return values
  }
}

/// What timm notes of where weights come from changes nothing; nor does the size of other images than these.
private let timmPictureKeys = KnownKeys(
  read: ["input_size", "crop_pct", "interpolation", "mean", "std"],
  harmless: [
    "architecture", "tag", "url", "file", "hf_hub_id", "hf_hub_filename", "source", "custom_load", "num_classes",
    "fixed_input_size", "pool_size", "min_input_size", "test_input_size", "test_crop_pct", "first_conv", "classifier",
    "license", "origin_url", "paper_name", "paper_ids", "notes", "description", "label_names", "label_descriptions",
  ], understood: ["crop_mode": [.text("center")]])
