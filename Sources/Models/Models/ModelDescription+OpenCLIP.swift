public import Settings
internal import TensorEngine

// `open_clip_config.json`. Source: open_clip 3.3, `model.py` (CLIPVisionCfg, CLIPTextCfg) and its `model_configs`.

extension ModelDescription {
  /// - Parameters:
  ///   - file: the whole file.
  ///   - tokens: the ids that open and close a text, as `CLIPConfiguration.Text` has them.
  /// - Throws: `SettingsError`, naming the first setting that no model of mmtrain's has.
  public init(openCLIP file: Settings, tokens: (start: Int32, end: Int32)) throws(SettingsError) {
    try file.require(KnownKeys(read: ["model_cfg", "preprocess_cfg"]))
    let model = try file.requiredGroup("model_cfg")
    try model.require(openCLIPModelKeys)
    let (vision, text) = (try model.requiredGroup("vision_cfg"), try model.requiredGroup("text_cfg"))
    if vision.has("timm_model_name"), try vision.text("timm_model_name") != "" {
      self = .mobileClip(try MobileCLIPConfiguration(openCLIP: model, vision, text, tokens))
    } else {
      self = .clip(try CLIPConfiguration(openCLIP: model, vision, text, tokens))
    }
  }
}

extension CLIPConfiguration {
  fileprivate init(
    openCLIP model: Settings, _ vision: Settings, _ text: Settings, _ tokens: (start: Int32, end: Int32)
  ) throws(SettingsError) {
    try vision.require(openCLIPVisionKeys)
    try text.require(openCLIPTextKeys)
    let usual: Activation = try model.flag("quick_gelu") == true ? .quickGELU : .geluErf
    embeddingWidth = try model.required(model.whole("embed_dim"), "embed_dim")
    (initialLogitScale, initialLogitBias) = try (model.logitScale() ?? initialLogitScale, model.logitBias())
    self.vision = try Vision(openCLIP: vision, usual)
    self.text = try Text(openCLIP: text, usual, tokens)
  }
}

extension CLIPConfiguration.Vision {
  fileprivate init(openCLIP keys: Settings, _ usual: Activation) throws(SettingsError) {
    if case .array? = keys.value("layers") {
      throw keys.unsupported("layers", wanted: "the number of layers of a transformer, and no ResNet,")
    }
    imageSize = try keys.side("image_size") ?? 224
    patchSize = try keys.side("patch_size") ?? 16
    width = try keys.whole("width") ?? 768
    layers = try keys.whole("layers") ?? 12
    let headWidth = try keys.whole("head_width") ?? 64
    heads = headWidth > 0 ? width / headWidth : 0
    intermediate = try keys.innerWidth(of: width)
    activation = try keys.activation(usual)
    epsilon = try keys.epsilon() ?? epsilon
  }
}

extension CLIPConfiguration.Text {
  fileprivate init(
    openCLIP keys: Settings, _ usual: Activation, _ tokens: (start: Int32, end: Int32)
  ) throws(SettingsError) {
    contextLength = try keys.whole("context_length") ?? 77
    vocabularySize = try keys.whole("vocab_size") ?? 49408
    width = try keys.whole("width") ?? 512
    heads = try keys.whole("heads") ?? 8
    layers = try keys.whole("layers") ?? 12
    intermediate = try keys.innerWidth(of: width)
    activation = try keys.activation(usual)
    epsilon = try keys.epsilon() ?? epsilon
    (startToken, endToken) = tokens
    try keys.requireUsualTokenizer()
  }
}

extension MobileCLIPConfiguration {
  fileprivate init(
    openCLIP model: Settings, _ vision: Settings, _ text: Settings, _ tokens: (start: Int32, end: Int32)
  ) throws(SettingsError) {
    switch try vision.text("timm_model_name") {
    case "fastvit_mci1": self = .s1
    case "fastvit_mci2": self = .s2
    default:
      throw vision.unsupported("timm_model_name", wanted: "fastvit_mci1 and fastvit_mci2 of MobileCLIP-S1 and -S2")
    }
    try vision.require(openCLIPFastViTKeys)
    try text.require(openCLIPBothWaysTextKeys)
    guard try text.flag("no_causal_mask") == true else {
      throw text.unsupported("no_causal_mask", wanted: "true beside the image tower of MobileCLIP-S1 and -S2")
    }
    guard try model.flag("quick_gelu") != true else {
      throw model.unsupported("quick_gelu", wanted: "false beside the image tower of MobileCLIP-S1 and -S2")
    }
    embeddingWidth = try model.required(model.whole("embed_dim"), "embed_dim")
    (initialLogitScale, initialLogitBias) = try (model.logitScale() ?? initialLogitScale, model.logitBias())
    self.vision.imageSize = try vision.side("image_size") ?? self.vision.imageSize
    self.text = try CLIPConfiguration.Text(openCLIP: text, .geluErf, tokens)
    self.text.isCausal = false
    guard self.text.activation == .geluErf else {
      throw text.unsupported("act_kwargs", wanted: "no other GELU beside the image tower of MobileCLIP-S1 and -S2")
    }
  }
}

// MARK: Values

extension Settings {
  fileprivate func logitScale() throws(SettingsError) -> Float? { try number("init_logit_scale").map(Float.init) }

  fileprivate func logitBias() throws(SettingsError) -> Float? {
    has("init_logit_bias") ? try number("init_logit_bias").map(Float.init) : nil
  }

  /// The perceptron's width; 0, which is refused later, where the ratio makes no sense.
  fileprivate func innerWidth(of width: Int) throws(SettingsError) -> Int {
    Int(exactly: (Double(width) * (try number("mlp_ratio") ?? 4)).rounded(.down)) ?? 0
  }

  /// `norm_kwargs`: the epsilon of all norms of a tower; nil for PyTorch's.
  fileprivate func epsilon() throws(SettingsError) -> Float? {
    guard let norm = try group("norm_kwargs") else { return nil }
    try norm.require(KnownKeys(read: ["eps"]))
    return try norm.number("eps").map(Float.init)
  }

  /// `act_kwargs`: which of the GELUs.
  fileprivate func activation(_ usual: Activation) throws(SettingsError) -> Activation {
    guard let act = try group("act_kwargs") else { return usual }
    try act.require(KnownKeys(read: ["approximate"]))
    switch try act.text("approximate") {
    case nil: return usual
    case "none" where usual == .geluErf: return usual
    case "tanh" where usual == .geluErf: return .geluTanh
    default: throw act.unsupported("approximate", wanted: "none and tanh, without quick_gelu,")
    }
  }

  /// The tokenizer's own files are read; what open_clip would do to a text before them must be what they do.
  fileprivate func requireUsualTokenizer() throws(SettingsError) {
    let isNamed = has("hf_tokenizer_name") ? try text("hf_tokenizer_name") != "" : false
    try group("tokenizer_kwargs")?.require(
      KnownKeys(
        read: [],
        understood: [
          "clean": [.text(isNamed ? "whitespace" : "lower")], "strip_sep_token": JSONValue.nothing,
          "additional_special_tokens": [.null], "language": [.null], "reduction_mask": [.null, .text("")],
        ]))
  }
}
