public import Settings

// `config.json` as timm 1.0 writes it, and our own.

extension EfficientNetDescription {
  /// timm's other name, `efficientnet_lite0`, is of a network with PyTorch's padding and other statistics.
  private static let architecture = "tf_efficientnet_lite0"

  public static func claims(_ file: Settings) throws(SettingsError) -> Bool {
    if let name = try file.text("architecture") { return name.contains("efficientnet") }
    return try file.text("model_type") == modelType
  }

  public init(_ file: Settings) throws(SettingsError) {
    self.init()
    if let name = try file.text("architecture") {
      guard name == Self.architecture else { throw file.unsupported("architecture", wanted: Self.architecture) }
      pictures = try file.timmPictures(usual: pictures)
    } else {
      try read(file)
    }
  }

  private mutating func read(_ file: Settings) throws(SettingsError) {
    try file.require(keys)
    stemWidth = try file.required(file.whole("embedding_size"), "embedding_size")
    headWidth = try file.required(file.whole("hidden_size"), "hidden_size")
    pictures = try PublishedPictures(file.requiredGroup("pretrained_cfg"), usual: pictures)
    let columns = try CodingKeys.stages.map { key throws(SettingsError) in
      try file.required(file.wholes(key.rawValue), key.rawValue)
    }
    let count = columns[0].count
    for (key, column) in zip(CodingKeys.stages, columns) where column.count != count {
      throw file.unsupported(key.rawValue, wanted: "\(count) numbers, one a stage")
    }
    stages = (0..<count).map {
      Stage(
        depth: columns[0][$0], kernel: columns[1][$0], stride: columns[2][$0], expansion: columns[3][$0],
        width: columns[4][$0])
    }
  }
}

private let keys = KnownKeys(
  read: ["embedding_size", "hidden_size", "pretrained_cfg"]
    + EfficientNetDescription.CodingKeys.stages.map(\.rawValue), harmless: ["model_type"])

// MARK: Writing

extension EfficientNetDescription: Encodable {
  fileprivate enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case stemWidth = "embedding_size"
    case depths
    case kernels = "kernel_sizes"
    case strides
    case expansions = "expand_ratios"
    case widths = "hidden_sizes"
    case headWidth = "hidden_size"
    case pictures = "pretrained_cfg"

    static let stages = [CodingKeys.depths, .kernels, .strides, .expansions, .widths]
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(stemWidth, forKey: .stemWidth)
    try keys.encode(stages.map(\.depth), forKey: .depths)
    try keys.encode(stages.map(\.kernel), forKey: .kernels)
    try keys.encode(stages.map(\.stride), forKey: .strides)
    try keys.encode(stages.map(\.expansion), forKey: .expansions)
    try keys.encode(stages.map(\.width), forKey: .widths)
    try keys.encode(headWidth, forKey: .headWidth)
    try keys.encode(pictures, forKey: .pictures)
  }
}
