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
  init(_ keys: Settings) throws(SettingsError) {
    imageSize = try keys.side("image_size") ?? imageSize
    patchSize = try keys.side("patch_size") ?? patchSize
    channels = try keys.whole("num_channels") ?? channels
    width = try keys.whole("hidden_size") ?? width
    intermediate = try keys.whole("intermediate_size") ?? intermediate
    layers = try keys.whole("num_hidden_layers") ?? layers
    heads = try keys.whole("num_attention_heads") ?? heads
    activation = try Activation(keys, "hidden_act") ?? activation
    epsilon = try keys.number("layer_norm_eps").map(Float.init) ?? epsilon
  }
}

extension CLIPConfiguration.Text {
  /// The keys of a text tower.
  static let known = KnownKeys(read: textKeys).and(towerKeys)

  init(_ keys: Settings) throws(SettingsError) {
    vocabularySize = try keys.whole("vocab_size") ?? vocabularySize
    contextLength = try keys.whole("max_position_embeddings") ?? contextLength
    width = try keys.whole("hidden_size") ?? width
    intermediate = try keys.whole("intermediate_size") ?? intermediate
    layers = try keys.whole("num_hidden_layers") ?? layers
    heads = try keys.whole("num_attention_heads") ?? heads
    activation = try Activation(keys, "hidden_act") ?? activation
    epsilon = try keys.number("layer_norm_eps").map(Float.init) ?? epsilon
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

extension Activation {
  /// By the names of transformers (`activations.py`); nil where the key is not there.
  init?(_ keys: Settings, _ key: String) throws(SettingsError) {
    guard let name = try keys.text(key) else { return nil }
    switch name {
    case "quick_gelu": self = .quickGELU
    case "gelu", "gelu_python": self = .geluErf
    case "gelu_pytorch_tanh", "gelu_new", "gelu_fast", "gelu_accurate": self = .geluTanh
    case "relu": self = .relu
    case "sigmoid": self = .sigmoid
    default: throw keys.unsupported(key, wanted: "quick_gelu, gelu, gelu_pytorch_tanh, gelu_new, relu and sigmoid")
    }
  }
}

extension Settings {
  /// A token id; nil where the key is not there.
  fileprivate func token(_ key: String) throws(SettingsError) -> Int32? {
    guard let id = try whole(key) else { return nil }
    guard let token = Int32(exactly: id), token >= 0 else { throw wrongType(key, "the id of a token") }
    return token
  }
}

// MARK: Keys

private let visionKeys = [
  "image_size", "patch_size", "num_channels", "hidden_size", "intermediate_size", "num_hidden_layers",
  "num_attention_heads", "hidden_act", "layer_norm_eps",
]

private let textKeys = [
  "vocab_size", "max_position_embeddings", "hidden_size", "intermediate_size", "num_hidden_layers",
  "num_attention_heads", "hidden_act", "layer_norm_eps", "bos_token_id", "eos_token_id",
]

private let topKeys = KnownKeys(
  read: [
    "text_config", "vision_config", "text_config_dict", "vision_config_dict", "projection_dim",
    "logit_scale_init_value", "logit_bias_init_value",
  ], harmless: ["bos_token_id", "eos_token_id"] + generalKeys,
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
  ] + generalKeys, understood: generalUnderstood)

/// Attributes that every configuration of transformers has, or had; none changes what a CLIP computes once it is trained.
private let generalKeys =
  [
    "model_type", "architectures", "torch_dtype", "dtype", "transformers_version", "initializer_factor", "name_or_path",
    "return_dict", "use_return_dict", "output_hidden_states", "output_attentions", "output_scores",
    "return_dict_in_generate", "torchscript", "use_bfloat16", "tf_legacy_loss", "attn_implementation",
    "gradient_checkpointing", "use_cache",
    // of towers and tasks that a CLIP does not have
    "tie_word_embeddings", "tie_encoder_decoder", "chunk_size_feed_forward", "is_encoder_decoder", "is_decoder",
    "cross_attention_hidden_size", "add_cross_attention", "finetuning_task", "id2label", "label2id", "num_labels",
    "problem_type", "task_specific_params", "tokenizer_class", "prefix", "pad_token_id", "sep_token_id", "cls_token_id",
    "mask_token_id", "unk_token_id", "decoder_start_token_id", "processor_class", "transformers.js_config",
  ] + generationKeys

private let generationKeys = [
  "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size",
  "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "forced_bos_token_id",
  "forced_eos_token_id", "remove_invalid_values", "exponential_decay_length_penalty", "suppress_tokens",
  "begin_suppress_tokens", "max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups",
  "diversity_penalty",
]

/// Heads that are cut out, weights in a form of their own, code of the model's own.
private let generalUnderstood: [String: [JSONValue]] = [
  "pruned_heads": [.null, .object([])], "quantization_config": [.null], "auto_map": [.null, .object([])],
]
