public import Settings
internal import TensorEngine

// mmtrain's own `config.json` of a MobileCLIP.

extension MobileCLIPConfiguration {
  public init(_ file: Settings) throws(SettingsError) {
    self.init()
    try file.require(
      KnownKeys(
        read: [
          "model_type", "vision_config", "text_config", "projection_dim", "logit_scale_init_value",
          "logit_bias_init_value", "reparameterized",
        ]))
    vision = try Vision(file.requiredGroup("vision_config"))
    let stated = try file.requiredGroup("text_config")
    try stated.require(CLIPConfiguration.Text.known)
    text = try CLIPConfiguration.Text(stated)
    (text.isCausal, text.activation) = (false, .geluErf)
    embeddingWidth = try file.required(file.whole("projection_dim"), "projection_dim")
    initialLogitScale = try file.number("logit_scale_init_value").map(Float.init) ?? initialLogitScale
    initialLogitBias = try file.number("logit_bias_init_value").map(Float.init)
    folding = try file.flag("reparameterized") == true ? .whole : .unfolded
  }
}

extension MobileCLIPConfiguration.Vision {
  /// - Parameter more: further keys of a tower alone.
  init(_ keys: Settings, also more: [String] = []) throws(SettingsError) {
    try keys.require(
      KnownKeys(
        read: [
          "image_size", "depths", "hidden_sizes", "mlp_ratio", "squeezed_stages", "attention_stages", "head_dim",
        ] + more))
    imageSize = try keys.required(keys.whole("image_size"), "image_size")
    depths = try keys.required(keys.wholes("depths"), "depths")
    widths = try keys.required(keys.wholes("hidden_sizes"), "hidden_sizes")
    hiddenRatio = try keys.required(keys.whole("mlp_ratio"), "mlp_ratio")
    squeezedStages = try keys.required(keys.wholes("squeezed_stages"), "squeezed_stages")
    attentionStages = try keys.required(keys.wholes("attention_stages"), "attention_stages")
    headWidth = try keys.required(keys.whole("head_dim"), "head_dim")
  }
}
