public import Settings

extension Preprocessing {
  /// As `preprocessor_config.json` of a Hugging Face CLIPImageProcessor, which `transformers` loads.
  public func huggingFaceJSON() -> [UInt8] {
    func square(_ side: Int) -> String { "{\n    \"height\": \(side),\n    \"width\": \(side)\n  }" }
    let side = resizeSize ?? imageSize
    let members = [
      ("crop_size", square(imageSize)), ("do_center_crop", "true"), ("do_convert_rgb", "true"),
      ("do_normalize", "true"),
      ("do_rescale", "true"), ("do_resize", "true"), ("image_mean", list(mean)),
      ("image_processor_type", "\"CLIPImageProcessor\""), ("image_std", list(standardDeviation)),
      ("resample", String(filter.huggingFaceCode)), ("rescale_factor", "\(1.0 / 255)"),
      ("size", fit == .squash ? square(side) : "{\n    \"shortest_edge\": \(side)\n  }"),
    ]
    return Array("{\n\(members.map { "  \"\($0)\": \($1)" }.joined(separator: ",\n"))\n}\n".utf8)
  }

  /// Reads a `preprocessor_config.json`: what `huggingFaceJSON()` and `transformers` write, and the older form with plain
  /// numbers for the sizes. The processor's type decides what its keys mean and what those mean that are absent.
  ///
  /// - Parameter file: where the bytes came from, for errors.
  /// - Throws: `SettingsError` where the file asks for anything but: shorter side or both sides to R and centre crop S×S;
  ///   /255; normalise, or not.
  public init(huggingFaceJSON bytes: [UInt8], file: String = "preprocessor_config.json") throws(SettingsError) {
    try self.init(huggingFace: Settings(json: bytes, file: file))
  }

  /// Reads the `image_processor` of a `processor_config.json`; nil where the file has none.
  public init?(huggingFaceProcessorJSON bytes: [UInt8], file: String) throws(SettingsError) {
    guard let processor = try Settings(json: bytes, file: file).imageProcessor() else { return nil }
    try self.init(huggingFace: processor)
  }

  /// Reads what an image processor of transformers is.
  /// - Throws: as `init(huggingFaceJSON:file:)`.
  public init(huggingFace stated: Settings) throws(SettingsError) {
    let settings = stated.withoutNulls
    let type = try ImageProcessorType(settings)
    try settings.require(type == .convNext ? processorKeys.and(KnownKeys(read: ["crop_pct"])) : processorKeys)
    let frame = try type.frame(settings)
    let normalizes = try settings.flag("do_normalize") ?? true
    self.init(
      imageSize: frame.crop, resizeSize: frame.side, filter: try settings.filter() ?? type.filter, fit: frame.fit,
      mean: normalizes ? try settings.colours("image_mean") ?? type.mean : [0, 0, 0],
      standardDeviation: normalizes
        ? try settings.colours("image_std", isDeviation: true) ?? type.standardDeviation : [1, 1, 1])
  }
}

private let processorKeys = KnownKeys(
  read: [
    "image_processor_type", "feature_extractor_type", "do_resize", "do_rescale", "do_normalize", "do_center_crop",
    "size", "crop_size", "default_to_square", "resample", "rescale_factor", "image_mean", "image_std",
  ],
  // A picture that is not in colours makes transformers fail where do_convert_rgb is false.
  harmless: [
    "do_convert_rgb", "processor_class", "return_tensors", "device", "disable_grouping", "image_seq_length",
    "name_or_path", "transformers_version",
  ],
  understood: [
    "do_pad": [.boolean(false)], "use_square_size": [.boolean(false)], "do_reduce_labels": [.boolean(false)],
    "do_flip_channel_order": [.boolean(false)], "data_format": [.text("channels_first")],
    "input_data_format": [.text("channels_first"), .text("channels_last")], "auto_map": [.object([])],
  ])

extension Settings {
  /// The image processor of a `processor_config.json`, in which transformers 5 keeps a model's processors together; nil where the
  /// file has none, as those of transformers 4.
  public func imageProcessor() throws(SettingsError) -> Settings? {
    guard let processor = try group("image_processor") else { return nil }
    try require(KnownKeys(read: ["image_processor"], harmless: ["processor_class", "feature_extractor"]))
    return processor
  }

  /// Pillow's number of a filter.
  func filter() throws(SettingsError) -> ResizeFilter? {
    guard let code = try whole("resample") else { return nil }
    guard let filter = ResizeFilter.allCases.first(where: { $0.huggingFaceCode == code }) else {
      throw unsupported("resample", wanted: "1 (Lanczos), 2 (bilinear) and 3 (bicubic)")
    }
    return filter
  }

  /// Means or deviations of red, green and blue: a list, or one number for all.
  func colours(_ key: String, isDeviation: Bool = false) throws(SettingsError) -> [Double]? {
    guard has(key) else { return nil }
    let values: [Double]
    if case .number(let number) = value(key) {
      values = [number, number, number]
    } else {
      values = try numbers(key) ?? []
    }
    guard values.count == 3, values.allSatisfy({ Float($0).isFinite && (!isDeviation || Float($0) > 0) }) else {
      throw wrongType(key, isDeviation ? "three numbers above 0, or one" : "three numbers, or one")
    }
    return values
  }
}

extension ResizeFilter {
  /// Pillow's number of the filter.
  var huggingFaceCode: Int {
    switch self {
    case .lanczos: 1
    case .bilinear: 2
    case .bicubic: 3
    }
  }
}

func list(_ values: [Double]) -> String {
  "[\n    \(values.map { "\($0)" }.joined(separator: ",\n    "))\n  ]"
}
