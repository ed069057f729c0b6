public import Settings

// `config.json` as transformers reads and writes it. Source: transformers 5.24, `models/vilt/configuration_vilt.py`.

extension ViLTConfiguration {
  public init(_ file: Settings) throws(SettingsError) {
    try file.require(known)
    vocabularySize = try file.whole("vocab_size") ?? vocabularySize
    contextLength = try file.whole("max_position_embeddings") ?? contextLength
    tokenTypes = try file.whole("type_vocab_size") ?? tokenTypes
    modalities = try file.whole("modality_type_vocab_size") ?? modalities
    try readVisionTransformer(file)
    labels = try file.labels()
  }
}

private let known = KnownKeys(
  read: ["vocab_size", "max_position_embeddings", "type_vocab_size", "modality_type_vocab_size"] + visionTransformerKeys
    + LabelKey.allCases.map(\.rawValue),
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
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode([huggingFaceClass], forKey: .architectures)
    try keys.encode(vocabularySize, forKey: .vocabularySize)
    try keys.encode(contextLength, forKey: .contextLength)
    try keys.encode(tokenTypes, forKey: .tokenTypes)
    try keys.encode(modalities, forKey: .modalities)
    try encodeVisionTransformer(to: encoder)
    try encodeLabels(to: encoder)
  }
}
