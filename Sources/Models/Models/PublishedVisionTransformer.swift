internal import Settings

/// The sizes of a transformer over patches that configurations of transformers' state under the same names. Source: transformers 5.24,
/// `models/{vit,vilt}/configuration_*.py`.
protocol PublishedVisionTransformer: PublishedTransformer {
  var imageSize: Int { get set }
  var patchSize: Int { get set }
  var channels: Int { get set }
  /// Whether something is added to queries, keys and values.
  var hasInBias: Bool { get set }
}

private enum Key: String, CodingKey, CaseIterable {
  case imageSize = "image_size"
  case patchSize = "patch_size"
  case channels = "num_channels"
  case hasInBias = "qkv_bias"
}

/// Their names.
let visionTransformerKeys = transformerKeys + Key.allCases.map(\.rawValue)

extension PublishedVisionTransformer {
  /// What a file leaves out stays as it is.
  mutating func readVisionTransformer(_ file: Settings) throws(SettingsError) {
    imageSize = try file.side(Key.imageSize.rawValue) ?? imageSize
    patchSize = try file.side(Key.patchSize.rawValue) ?? patchSize
    channels = try file.whole(Key.channels.rawValue) ?? channels
    hasInBias = try file.flag(Key.hasInBias.rawValue) ?? hasInBias
    try readTransformer(file)
  }

  /// Beside what else a description writes into the same object.
  func encodeVisionTransformer(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: Key.self)
    try keys.encode(imageSize, forKey: .imageSize)
    try keys.encode(patchSize, forKey: .patchSize)
    try keys.encode(channels, forKey: .channels)
    try keys.encode(hasInBias, forKey: .hasInBias)
    try encodeTransformer(to: encoder)
  }
}
