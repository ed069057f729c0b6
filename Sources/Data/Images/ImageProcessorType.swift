internal import Settings

/// The image processors of transformers that a CLIP may be used with, by what each takes for granted and how it reads a
/// size. Source: transformers 5.24, `models/*/image_processing_pil_*.py`.
enum ImageProcessorType: String {
  case clip = "CLIPImageProcessor"
  case chineseCLIP = "ChineseCLIPImageProcessor"
  case bit = "BitImageProcessor"
  case vit = "ViTImageProcessor"
  case deit = "DeiTImageProcessor"
  case siglip = "SiglipImageProcessor"
  case blip = "BlipImageProcessor"
  case convNext = "ConvNextImageProcessor"

  /// The type that a file states; a CLIP's where it states none.
  init(_ settings: Settings) throws(SettingsError) {
    let key = settings.has("image_processor_type") ? "image_processor_type" : "feature_extractor_type"
    guard let stated = try settings.text(key) else {
      self = .clip
      return
    }
    let name = stated.replacing("FeatureExtractor", with: "ImageProcessor")
    let plain = ["Fast", "Pil"].first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? name
    guard let type = ImageProcessorType(rawValue: plain) else {
      throw settings.unsupported(
        key, wanted: "the image processors of CLIP, Chinese-CLIP, BiT, ViT, DeiT, SigLIP, BLIP and ConvNeXT")
    }
    self = type
  }

  var filter: ResizeFilter { self == .vit ? .bilinear : .bicubic }

  var mean: [Double] { hasHalves ? [0.5, 0.5, 0.5] : Preprocessing.clip().mean }

  var standardDeviation: [Double] { hasHalves ? [0.5, 0.5, 0.5] : Preprocessing.clip().standardDeviation }

  private var hasHalves: Bool { self == .vit || self == .deit || self == .siglip || self == .convNext }

  /// The size where the file states none.
  private var size: Preprocessing.Size {
    switch self {
    case .clip, .chineseCLIP, .bit: .shortest(224)
    case .vit, .siglip: .square(224)
    case .deit: .square(256)
    case .blip: .square(384)
    case .convNext: .shortest(384)
    }
  }

  /// Whether a size that is a number is that of both sides.
  private var takesSquares: Bool { self == .vit || self == .deit || self == .blip }

  private var crops: Bool {
    switch self {
    case .clip, .chineseCLIP, .bit, .deit: true
    case .vit, .siglip, .blip, .convNext: false
    }
  }

  /// How a picture is resized, and how much of its middle is kept.
  struct Frame {
    var side: Int
    var crop: Int
    var fit: Preprocessing.Fit
  }

  func frame(_ settings: Settings) throws(SettingsError) -> Frame {
    for key in ["do_resize", "do_rescale"] {
      guard try settings.flag(key) != false else { throw settings.unsupported(key, wanted: "true") }
    }
    let factor = try settings.number("rescale_factor") ?? 1 / 255
    guard abs(factor * 255 - 1) < 1e-4 else { throw settings.unsupported("rescale_factor", wanted: "1/255") }
    let squares = try settings.flag("default_to_square") ?? takesSquares
    let size = try settings.size("size", isSquare: squares) ?? size
    let crops = try settings.flag("do_center_crop") ?? crops
    if self == .convNext { return try settings.convNextFrame(size, crops) }
    guard crops else {
      // Pictures that keep their shape have no common size.
      guard case .square(let side) = size else {
        throw settings.unsupported("do_center_crop", wanted: "true beside a size for the shorter side")
      }
      return Frame(side: side, crop: side, fit: .squash)
    }
    // A larger crop would have black borders.
    guard case .square(let crop) = try settings.size("crop_size", isSquare: true) ?? .square(224), crop <= size.side
    else {
      throw settings.unsupported("crop_size", wanted: "squares of at most the \(size.side) pixels of size")
    }
    return Frame(side: size.side, crop: crop, fit: size.fit)
  }
}

extension Settings {
  /// Less than 384 pixels are cut out of a picture that is larger by `crop_pct`; 384 and more are the whole picture, squashed.
  fileprivate func convNextFrame(
    _ size: Preprocessing.Size, _ crops: Bool
  ) throws(SettingsError) -> ImageProcessorType.Frame {
    guard !crops else { throw unsupported("do_center_crop", wanted: "false for a ConvNeXT") }
    guard case .shortest(let crop) = size else {
      throw unsupported("size", wanted: "{\"shortest_edge\": n} for a ConvNeXT")
    }
    guard crop < 384 else { return ImageProcessorType.Frame(side: crop, crop: crop, fit: .squash) }
    let share = try number("crop_pct") ?? 224 / 256
    guard share <= 1, Double(crop) / share <= 16384, share > 0 else {
      throw wrongType("crop_pct", "a share of at most 1 of no more than 16384 pixels")
    }
    return ImageProcessorType.Frame(side: Int(Double(crop) / share), crop: crop, fit: .shortest)
  }
}

extension Preprocessing {
  /// What a picture is brought to.
  fileprivate enum Size: Equatable {
    case shortest(Int)
    case square(Int)

    var side: Int {
      switch self {
      case .shortest(let side), .square(let side): side
      }
    }
    var fit: Fit {
      switch self {
      case .shortest: .shortest
      case .square: .squash
      }
    }
  }
}

extension Settings {
  /// A number, `{"shortest_edge": n}`, `{"height": n, "width": n}` or [n, n].
  /// - Parameter isSquare: whether a number is that of both sides.
  fileprivate func size(_ key: String, isSquare: Bool) throws(SettingsError) -> Preprocessing.Size? {
    guard let stated = value(key) else { return nil }
    let found: Preprocessing.Size?
    switch stated {
    case .number: found = try whole(key).map { isSquare ? .square($0) : .shortest($0) }
    case .array: found = try side(key).map { .square($0) }
    default: found = try group(key)?.withoutNulls.size()
    }
    guard let found else { throw unsupported(key, wanted: "{\"shortest_edge\": n} and squares") }
    guard 1...16384 ~= found.side else { throw wrongType(key, "1 to 16384 pixels") }
    return found
  }

  private func size() throws(SettingsError) -> Preprocessing.Size? {
    switch (try whole("shortest_edge"), try whole("height"), try whole("width"), keys.count) {
    case (let shortest?, nil, nil, 1): .shortest(shortest)
    case (nil, let height?, let width?, 2) where height == width: .square(height)
    default: nil
    }
  }
}
