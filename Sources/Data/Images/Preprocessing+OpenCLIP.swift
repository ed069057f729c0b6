public import Settings

extension Preprocessing {
  /// Reads an `open_clip_config.json`: its `preprocess_cfg`, and the size of `model_cfg`'s vision tower, which open_clip
  /// lets decide. A file without `preprocess_cfg` has OpenAI's colours, bicubic and the shorter side, as open_clip has it.
  ///
  /// - Parameter file: where the bytes came from, for errors.
  /// - Throws: `SettingsError`, also for `resize_mode: longest`, which pads.
  public init(openCLIPJSON bytes: [UInt8], file: String = "open_clip_config.json") throws(SettingsError) {
    let settings = try Settings(json: bytes, file: file)
    let stated = try settings.group("preprocess_cfg") ?? Settings(emptyIn: file, place: "preprocess_cfg")
    let steps = stated.withoutNulls
    try steps.require(preprocessKeys)
    let usual = Preprocessing.clip()
    let ofTower = try settings.group("model_cfg")?.group("vision_cfg")?.side("image_size")
    let ofSteps = try steps.side("size")
    self.init(
      imageSize: try settings.checked(ofTower ?? ofSteps ?? 224), filter: try steps.filter(),
      fit: try steps.fit(), mean: try steps.colours("mean") ?? usual.mean,
      standardDeviation: try steps.colours("std", isDeviation: true) ?? usual.standardDeviation)
  }
}

/// Nothing is filled where a picture is cut or squashed.
private let preprocessKeys = KnownKeys(
  read: ["size", "mean", "std", "interpolation", "resize_mode"], harmless: ["fill_color"],
  understood: ["mode": [.text("RGB")]])

extension Settings {
  fileprivate func checked(_ side: Int) throws(SettingsError) -> Int {
    guard 1...16384 ~= side else {
      throw .unsupported(file: file, key: "image_size", found: "\(side)", wanted: "1 to 16384 pixels")
    }
    return side
  }

  fileprivate func filter() throws(SettingsError) -> ResizeFilter {
    switch try text("interpolation") ?? "bicubic" {
    case "bilinear": .bilinear
    // "random" is for training; evaluation then takes bicubic.
    case "bicubic", "random": .bicubic
    default: throw unsupported("interpolation", wanted: "bilinear and bicubic")
    }
  }

  fileprivate func fit() throws(SettingsError) -> Preprocessing.Fit {
    guard let fit = Preprocessing.Fit(rawValue: try text("resize_mode") ?? "shortest") else {
      throw unsupported("resize_mode", wanted: "shortest and squash")
    }
    return fit
  }
}
