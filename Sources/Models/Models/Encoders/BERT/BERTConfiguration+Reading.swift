public import Settings

// `config.json` as transformers reads it. Source: transformers 5.24, `models/bert/configuration_bert.py`.

extension BERTConfiguration {
  public init(_ file: Settings) throws(SettingsError) { try self.init(file, also: KnownKeys(read: [])) }

  /// - Parameter more: further keys of a model that is built on one.
  init(_ file: Settings, also more: KnownKeys) throws(SettingsError) {
    try file.require(known.and(more))
    vocabularySize = try file.whole("vocab_size") ?? vocabularySize
    positions = try file.whole("max_position_embeddings") ?? positions
    tokenTypes = try file.whole("type_vocab_size") ?? tokenTypes
    try readTransformer(file)
  }
}

private let known = KnownKeys(
  read: ["vocab_size", "max_position_embeddings", "type_vocab_size"] + transformerKeys,
  harmless: [
    // Dropout is for training, and what a run's own configuration says of it counts.
    "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout", "initializer_range", "bos_token_id",
    "eos_token_id", "cross_attention_hidden_size",
    // Google's, of a pooler that no library has.
    "directionality", "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head",
    "pooler_type", "output_past",
  ] + generalKeys,
  understood: generalUnderstood.merging([
    "position_embedding_type": [.text("absolute")], "is_decoder": JSONValue.nothing,
    "is_encoder_decoder": JSONValue.nothing, "add_cross_attention": JSONValue.nothing,
  ]) { first, _ in first })
