internal import Settings
internal import TensorEngine

// `config.json` as transformers reads it. Source: transformers 5.24, `models/clip/configuration_clip.py`.

extension CLIPConfiguration {
  /// - Parameter known: further keys of the file's own object.
  init(_ file: Settings, also known: KnownKeys = KnownKeys(read: [])) throws(SettingsError) {
    try file.require(topKeys.and(known))
    vision = try Vision(tower("vision_config", of: file, read: visionKeys))
    text = try Text(tower("text_config", of: file, read: textKeys))
    embeddingWidth = try file.whole("projection_dim") ?? embeddingWidth
    initialLogitScale = try file.number("logit_scale_init_value").map(Float.init) ?? initialLogitScale
    initialLogitBias = try file.number("logit_bias_init_value").map(Float.init)
  }
}

extension CLIPConfiguration.Vision {
  /// The keys of an image tower.
  static let known = KnownKeys(read: visionKeys).and(towerKeys)

  init(_ keys: Settings) throws(SettingsError) {
    imageSize = try keys.side("image_size") ?? imageSize
    patchSize = try keys.side("patch_size") ?? patchSize
    channels = try keys.whole("num_channels") ?? channels
    try readTransformer(keys)
  }
}

extension CLIPConfiguration.Text {
  /// The keys of a text tower.
  static let known = KnownKeys(read: textKeys).and(towerKeys)

  init(_ keys: Settings) throws(SettingsError) {
    vocabularySize = try keys.whole("vocab_size") ?? vocabularySize
    contextLength = try keys.whole("max_position_embeddings") ?? contextLength
    try readTransformer(keys)
    startToken = try keys.has("bos_token_id") ? keys.token("bos_token_id") ?? startToken : startToken
    endToken = try keys.token("eos_token_id") ?? endToken
  }
}

/// What a file says of a tower, in `name` or in the older `name_dict`, which wins: what that leaves out has its default
/// then, whatever `name` says.
private func tower(_ name: String, of file: Settings, read: [String]) throws(SettingsError) -> Settings {
  let known = KnownKeys(read: read).and(towerKeys)
  let stated = try file.group(name) ?? Settings(emptyIn: file.file, place: name)
  guard let older = try file.group(name + "_dict") else {
    try stated.require(known)
    return stated
  }
  try older.require(known)
  var rest = stated
  for key in read { rest.remove(key) }
  try rest.require(known)
  return older
}

// MARK: Keys

private let visionKeys = ["image_size", "patch_size", "num_channels"] + transformerKeys
private let textKeys = ["vocab_size", "max_position_embeddings", "bos_token_id", "eos_token_id"] + transformerKeys

private let topKeys = KnownKeys(
  read: [
    "text_config", "vision_config", "text_config_dict", "vision_config_dict", "projection_dim",
    "logit_scale_init_value", "logit_bias_init_value",
  ], harmless: ["bos_token_id", "eos_token_id"] + generalKeys + decoderKeys,
  understood: generalUnderstood.merging([
    // AutoImageProcessor looks here where the processor's own file names no type.
    "image_processor_type": ["CLIPImageProcessor", "CLIPImageProcessorFast"].map { .text($0) },
    "feature_extractor_type": [.text("CLIPFeatureExtractor")],
  ]) { first, _ in first })

/// A tower may carry the width that it would be projected to alone; the file's own object decides here.
private let towerKeys = KnownKeys(
  read: [],
  harmless: [
    "projection_dim", "attention_dropout", "dropout", "initializer_range", "bos_token_id", "eos_token_id",
    // ViT-B/32 of 2021 has the other tower's keys in each.
    "vocab_size", "max_position_embeddings", "image_size", "patch_size", "num_channels",
  ] + generalKeys + decoderKeys, understood: generalUnderstood)
