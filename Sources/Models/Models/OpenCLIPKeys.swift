internal import Settings

// What is known of the settings in `open_clip_config.json` (open_clip 3.3, `model.py`).

let openCLIPModelKeys = KnownKeys(
  read: ["embed_dim", "vision_cfg", "text_cfg", "quick_gelu", "init_logit_scale", "init_logit_bias"],
  harmless: ["custom_text", "nonscalar_logit_scale", "output_dict", "cast_dtype"])

let openCLIPVisionKeys = KnownKeys(
  read: [
    "image_size", "patch_size", "width", "layers", "head_width", "mlp_ratio", "norm_kwargs", "act_kwargs",
    "timm_model_name",
  ],
  // For training, or for what the settings below would switch on.
  harmless: [
    "patch_dropout", "attn_pooler_queries", "attn_pooler_heads", "output_tokens", "timm_model_pretrained", "timm_pool",
    "timm_proj", "timm_proj_bias", "timm_drop", "timm_drop_path",
  ],
  understood: blockSettings.merging([
    "attentional_pool": JSONValue.nothing, "no_ln_pre": JSONValue.nothing, "final_ln_after_pool": JSONValue.nothing,
    "pos_embed_type": [.text("learnable")], "pool_type": [.text("tok")],
  ]) { first, _ in first })

let openCLIPTextKeys = textKeys(isCausal: true)
let openCLIPBothWaysTextKeys = textKeys(isCausal: false)

/// An image tower of timm's: its name decides, and what a transformer would be made of does not count.
let openCLIPFastViTKeys = KnownKeys(
  read: ["timm_model_name", "image_size"],
  harmless: [
    "timm_model_pretrained", "timm_proj_bias", "timm_drop", "timm_drop_path", "patch_dropout", "width", "layers",
    "head_width", "mlp_ratio", "patch_size", "output_tokens",
  ],
  understood: [
    "timm_pool": [.text("avg")], "timm_proj": [.null, .text("")], "norm_kwargs": [.null], "act_kwargs": [.null],
  ])

private func textKeys(isCausal: Bool) -> KnownKeys {
  KnownKeys(
    read: [
      "context_length", "vocab_size", "width", "heads", "layers", "mlp_ratio", "norm_kwargs", "act_kwargs",
      "hf_tokenizer_name", "tokenizer_kwargs",
    ] + (isCausal ? [] : ["no_causal_mask"]),
    // `pad_id` and `eos_id` are of other ways to pool; open_clip passes `final_ln_after_pool` on to nothing.
    harmless: [
      "pad_id", "eos_id", "output_tokens", "final_ln_after_pool", "hf_model_pretrained", "hf_proj_type",
      "hf_pooler_type",
    ],
    understood: blockSettings.merging([
      "embed_cls": JSONValue.nothing, "no_causal_mask": JSONValue.nothing, "proj_bias": JSONValue.nothing,
      "pool_type": [.text("argmax")], "proj_type": [.text("linear")], "hf_model_name": [.null, .text("")],
      "tokenizer_mode": [.null, .text("")],
    ]) { first, _ in first })
}

/// What makes another block of a transformer's.
private let blockSettings: [String: [JSONValue]] = [
  "ls_init_value": [.null], "block_type": [.null, .text("default")], "qk_norm": JSONValue.nothing,
  "scaled_cosine_attn": JSONValue.nothing, "scale_heads": JSONValue.nothing, "scale_attn_inner": JSONValue.nothing,
  "scale_attn": JSONValue.nothing, "scale_fc": JSONValue.nothing,
]
