internal import Settings
internal import TensorEngine

// What the configurations of all of transformers' models have in common. Source: transformers 5.24,
// `configuration_utils.py`, `activations.py`.

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
  func token(_ key: String) throws(SettingsError) -> Int32? {
    guard let id = try whole(key) else { return nil }
    guard let token = Int32(exactly: id), token >= 0 else { throw wrongType(key, "the id of a token") }
    return token
  }
}

/// Attributes that every configuration of transformers has, or had; none changes what a trained model computes here.
let generalKeys =
  [
    "model_type", "architectures", "torch_dtype", "dtype", "transformers_version", "initializer_factor", "name_or_path",
    "return_dict", "use_return_dict", "output_hidden_states", "output_attentions", "output_scores",
    "return_dict_in_generate", "torchscript", "use_bfloat16", "tf_legacy_loss", "attn_implementation",
    "gradient_checkpointing", "use_cache",
    // of heads and tasks
    "tie_word_embeddings", "tie_encoder_decoder", "chunk_size_feed_forward", "finetuning_task", "id2label", "label2id",
    "num_labels", "problem_type", "task_specific_params", "tokenizer_class", "prefix", "pad_token_id", "sep_token_id",
    "cls_token_id", "mask_token_id", "unk_token_id", "decoder_start_token_id", "processor_class",
    "transformers.js_config",
  ] + generationKeys

/// Attributes of the same kind that change the numbers of a model which may be a decoder, and of no other.
let decoderKeys = ["is_encoder_decoder", "is_decoder", "cross_attention_hidden_size", "add_cross_attention"]

private let generationKeys = [
  "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size",
  "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "forced_bos_token_id",
  "forced_eos_token_id", "remove_invalid_values", "exponential_decay_length_penalty", "suppress_tokens",
  "begin_suppress_tokens", "max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups",
  "diversity_penalty",
]

/// Heads that are cut out, weights in a form of their own, code of the model's own.
let generalUnderstood: [String: [JSONValue]] = [
  "pruned_heads": [.null, .object([])], "quantization_config": [.null], "auto_map": [.null, .object([])],
]
