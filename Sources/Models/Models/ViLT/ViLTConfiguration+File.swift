public import Settings
internal import TensorEngine

// `config.json` as transformers reads and writes it. Source: transformers 5.24, `models/vilt/configuration_vilt.py`.

extension ViLTConfiguration {
  public init(_ file: Settings) throws(SettingsError) {
    try file.require(known)
    vocabularySize = try file.whole("vocab_size") ?? vocabularySize
    contextLength = try file.whole("max_position_embeddings") ?? contextLength
    tokenTypes = try file.whole("type_vocab_size") ?? tokenTypes
    modalities = try file.whole("modality_type_vocab_size") ?? modalities
    imageSize = try file.side("image_size") ?? imageSize
    patchSize = try file.side("patch_size") ?? patchSize
    channels = try file.whole("num_channels") ?? channels
    width = try file.whole("hidden_size") ?? width
    intermediate = try file.whole("intermediate_size") ?? intermediate
    layerCount = try file.whole("num_hidden_layers") ?? layerCount
    heads = try file.whole("num_attention_heads") ?? heads
    activation = try Activation(file, "hidden_act") ?? activation
    epsilon = try file.number("layer_norm_eps").map(Float.init) ?? epsilon
    hasInBias = try file.flag("qkv_bias") ?? hasInBias
    labels = try file.labels()
  }
}

private let known = KnownKeys(
  read: [
    "vocab_size", "max_position_embeddings", "type_vocab_size", "modality_type_vocab_size", "image_size", "patch_size",
    "num_channels", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "hidden_act",
    "layer_norm_eps", "qkv_bias",
  ] + LabelKey.allCases.map(\.rawValue),
  harmless: [
    // Dropout is for training; how many pictures a pair has shows in what is given.
    "hidden_dropout_prob", "attention_probs_dropout_prob", "initializer_range", "num_images", "bos_token_id",
    "eos_token_id", "cross_attention_hidden_size",
  ] + generalKeys,
  understood: generalUnderstood.merging([
    // Any other number is of patches that are drawn at random, another choice in every call.
    "max_image_length": [.number(-1)], "is_decoder": JSONValue.nothing, "is_encoder_decoder": JSONValue.nothing,
    "add_cross_attention": JSONValue.nothing,
  ]) { first, _ in first })

// MARK: Writing

extension ViLTConfiguration: Encodable {
  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case architectures
    case vocabularySize = "vocab_size"
    case contextLength = "max_position_embeddings"
    case tokenTypes = "type_vocab_size"
    case modalities = "modality_type_vocab_size"
    case imageSize = "image_size"
    case patchSize = "patch_size"
    case channels = "num_channels"
    case width = "hidden_size"
    case intermediate = "intermediate_size"
    case layers = "num_hidden_layers"
    case heads = "num_attention_heads"
    case activation = "hidden_act"
    case epsilon = "layer_norm_eps"
    case hasInBias = "qkv_bias"
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode([huggingFaceClass], forKey: .architectures)
    try keys.encode(vocabularySize, forKey: .vocabularySize)
    try keys.encode(contextLength, forKey: .contextLength)
    try keys.encode(tokenTypes, forKey: .tokenTypes)
    try keys.encode(modalities, forKey: .modalities)
    try keys.encode(imageSize, forKey: .imageSize)
    try keys.encode(patchSize, forKey: .patchSize)
    try keys.encode(channels, forKey: .channels)
    try keys.encode(width, forKey: .width)
    try keys.encode(intermediate, forKey: .intermediate)
    try keys.encode(layerCount, forKey: .layers)
    try keys.encode(heads, forKey: .heads)
    try keys.encode(activation, forKey: .activation)
    try keys.encode(epsilon, forKey: .epsilon)
    try keys.encode(hasInBias, forKey: .hasInBias)
    try encodeLabels(to: encoder)
  }
}
