public import Settings

// `preprocessor_config.json` of a ViltImageProcessor. Source: transformers 5.24, `models/vilt/image_processing_pil_vilt.py`.

extension ShapedPreprocessing {
  private static let type = "ViltImageProcessor"
  /// Memory for a picture is taken by what a file says, and no model looks at larger ones.
  private static let largestSide = 2048

  /// As `transformers` loads it.
  public func huggingFaceJSON() -> [UInt8] {
    let members = [
      ("do_normalize", "true"), ("do_pad", "true"), ("do_rescale", "true"), ("do_resize", "true"),
      ("image_mean", list(mean)), ("image_processor_type", "\"\(Self.type)\""), ("image_std", list(standardDeviation)),
      ("resample", String(filter.huggingFaceCode)), ("rescale_factor", "\(1.0 / 255)"),
      ("size", "{\n    \"shortest_edge\": \(shorterSide)\n  }"), ("size_divisor", String(divisor)),
    ]
    return Array("{\n\(members.map { "  \"\($0)\": \($1)" }.joined(separator: ",\n"))\n}\n".utf8)
  }

  /// Reads a `preprocessor_config.json`; nil where pictures become squares.
  public init?(huggingFaceJSON bytes: [UInt8], file: String = "preprocessor_config.json") throws(SettingsError) {
    try self.init(huggingFace: Settings(json: bytes, file: file))
  }

  /// Reads what an image processor of transformers is; nil for one that makes squares.
  /// - Throws: `SettingsError` for what no such processor says.
  public init?(huggingFace stated: Settings) throws(SettingsError) {
    let settings = stated.withoutNulls
    let key = settings.has("image_processor_type") ? "image_processor_type" : "feature_extractor_type"
    let name = try settings.text(key) ?? ""
    let kinds = [Self.type, Self.type + "Fast", Self.type + "Pil", "ViltFeatureExtractor"]
    guard kinds.contains(name) else { return nil }
    try settings.require(keys)
    let factor = try settings.number("rescale_factor") ?? 1 / 255
    guard abs(factor * 255 - 1) < 1e-4 else { throw settings.unsupported("rescale_factor", wanted: "1/255") }
    let normalizes = try settings.flag("do_normalize") ?? true
    let (side, divisor) = (try settings.shortestSide() ?? 384, try settings.whole("size_divisor") ?? 32)
    guard 1...Self.largestSide ~= side else { throw settings.wrongType("size", "1 to \(Self.largestSide) pixels") }
    guard 1...side ~= divisor else { throw settings.wrongType("size_divisor", "1 to the \(side) pixels of size") }
    self.init(
      shorterSide: side, divisor: divisor, filter: try settings.filter() ?? .bicubic,
      mean: normalizes ? try settings.colours("image_mean") ?? [0.5, 0.5, 0.5] : [0, 0, 0],
      standardDeviation: normalizes
        ? try settings.colours("image_std", isDeviation: true) ?? [0.5, 0.5, 0.5] : [1, 1, 1])
  }
}

/// A margin around pictures of different sizes is nothing that a model looks at.
private let keys = KnownKeys(
  read: [
    "image_processor_type", "feature_extractor_type", "do_normalize", "size", "size_divisor", "resample",
    "rescale_factor",
    "image_mean", "image_std",
  ],
  harmless: [
    "do_pad", "do_convert_rgb", "processor_class", "return_tensors", "device", "disable_grouping", "image_seq_length",
    "name_or_path", "transformers_version", "default_to_square", "pad_size",
  ],
  understood: [
    "do_resize": [.boolean(true)], "do_rescale": [.boolean(true)], "do_center_crop": [.boolean(false)],
    "data_format": [.text("channels_first")], "input_data_format": [.text("channels_first"), .text("channels_last")],
    "crop_size": [.null], "auto_map": [.object([])],
  ])

extension Settings {
  /// `{"shortest_edge": n}`, or n.
  fileprivate func shortestSide() throws(SettingsError) -> Int? {
    if case .number? = value("size") { return try whole("size") }
    guard let size = try group("size")?.withoutNulls else { return nil }
    guard size.keys.count == 1, let side = try size.whole("shortest_edge") else {
      throw unsupported("size", wanted: "{\"shortest_edge\": n}")
    }
    return side
  }
}
