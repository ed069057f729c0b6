internal import Layers
public import Settings

// `config.json` as transformers 5.24 reads it (`models/resnet/configuration_resnet.py`), and as timm 1.0 writes it.

extension ResNetDescription {
  /// The keys of the network's own sizes.
  static let sizeKeys = [
    "layer_type", "depths", "hidden_sizes", "embedding_size", "downsample_in_first_stage", "downsample_in_bottleneck",
  ]

  public static func claims(_ file: Settings) throws(SettingsError) -> Bool {
    if let name = try file.text("architecture") { return names.contains(name) }
    return try file.text("model_type") == modelType
  }

  public init(_ file: Settings) throws(SettingsError) {
    if let name = try file.text("architecture") {
      try self.init(timm: file, name)
    } else {
      try self.init(huggingFace: file)
    }
  }

  private init(timm file: Settings, _ name: String) throws(SettingsError) {
    guard let sizes = Self.published.first(where: { $0.name == name })?.sizes else {
      throw file.unsupported("architecture", wanted: Self.names.joined(separator: ", "))
    }
    self = sizes
    pictures = try file.timmPictures(usual: pictures)
  }

  private init(huggingFace file: Settings) throws(SettingsError) {
    try file.require(keys)
    self.init()
    try readSizes(file)
    if let stated = try file.group("pretrained_cfg") { pictures = try PublishedPictures(stated, usual: pictures) }
  }

  /// What a file leaves out stays as it is.
  mutating func readSizes(_ file: Settings) throws(SettingsError) {
    if let kind = try file.text("layer_type") {
      guard let block = Block(rawValue: kind) else {
        throw file.unsupported("layer_type", wanted: "basic and bottleneck")
      }
      self.block = block
    }
    depths = try file.wholes("depths") ?? depths
    widths = try file.wholes("hidden_sizes") ?? widths
    stemWidth = try file.whole("embedding_size") ?? stemWidth
    reducesInFirstStage = try file.flag("downsample_in_first_stage") ?? false
    reducesAtOnce = try file.flag("downsample_in_bottleneck") ?? false
  }
}

extension Settings {
  /// The rest of a `config.json` of timm's.
  func timmPictures(usual: PublishedPictures) throws(SettingsError) -> PublishedPictures {
    try require(timmKeys)
    guard let stated = try group("pretrained_cfg") else { return usual }
    return try PublishedPictures(stated, usual: usual)
  }
}

/// `model_args` would change the network.
private let timmKeys = KnownKeys(
  read: ["architecture", "pretrained_cfg"], harmless: ["num_classes", "num_features", "library_name", "label_names"],
  understood: ["global_pool": [.text("avg")], "model_args": [.null, .object([])]])

private let keys = KnownKeys(
  read: ResNetDescription.sizeKeys + ["pretrained_cfg"],
  harmless: [
    "model_type", "architectures", "torch_dtype", "dtype", "transformers_version", "id2label", "label2id",
    "num_labels", "problem_type", "out_features", "out_indices", "stage_names",
  ], understood: ["hidden_act": [.text("relu")], "num_channels": [.number(3)]])

// MARK: Writing

extension ResNetDescription: Encodable {
  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case block = "layer_type"
    case depths
    case widths = "hidden_sizes"
    case stemWidth = "embedding_size"
    case reducesInFirstStage = "downsample_in_first_stage"
    case reducesAtOnce = "downsample_in_bottleneck"
    case activation = "hidden_act"
    case pictures = "pretrained_cfg"
  }

  /// As transformers reads it, which passes over `pretrained_cfg`.
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try encodeSizes(to: encoder)
    try keys.encode("relu", forKey: .activation)
    try keys.encode(pictures, forKey: .pictures)
  }

  /// Beside what else a description writes into the same object.
  func encodeSizes(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(block.rawValue, forKey: .block)
    try keys.encode(depths, forKey: .depths)
    try keys.encode(widths, forKey: .widths)
    try keys.encode(stemWidth, forKey: .stemWidth)
    try keys.encode(reducesInFirstStage, forKey: .reducesInFirstStage)
    try keys.encode(reducesAtOnce, forKey: .reducesAtOnce)
  }
}
