public import Reporting
public import Settings
internal import TensorEngine

// `open_clip_config.json`. Source: open_clip 3.3, `model.py` (CLIPVisionCfg, CLIPTextCfg) and its `model_configs`.

/// A description that open_clip has as well.
public protocol OpenCLIPDescription: ModelDescription {
  /// Whether a file is of this kind of model.
  static func claims(_ file: OpenCLIPMembers) throws(SettingsError) -> Bool
  /// - Parameter tokens: the ids that open and close a text, as `TextShape` has them.
  init(_ file: OpenCLIPMembers, tokens: (start: Int32, end: Int32)) throws(SettingsError)
  /// The members of `model_cfg`.
  /// - Parameter tokenizer: what `hf_tokenizer_name` says; nil for open_clip's own.
  func openCLIPMembers(tokenizer: String?) throws(OpenCLIPFormError) -> [(String, OrderedJSON)]
}

/// Why open_clip has no setting for what a model does.
public struct OpenCLIPFormError: Error {
  public let problem: String
}

/// The parts of the file.
public struct OpenCLIPMembers {
  let model: Settings
  let vision: Settings
  let text: Settings

  init(_ file: Settings) throws(SettingsError) {
    try file.require(KnownKeys(read: ["model_cfg", "preprocess_cfg"]))
    model = try file.requiredGroup("model_cfg")
    try model.require(openCLIPModelKeys)
    (vision, text) = (try model.requiredGroup("vision_cfg"), try model.requiredGroup("text_cfg"))
  }

  /// The name of an image tower of timm's; nil where open_clip's own is meant.
  func timmName() throws(SettingsError) -> String? {
    guard vision.has("timm_model_name"), let name = try vision.text("timm_model_name"), name != "" else { return nil }
    return name
  }
}

// MARK: Members that models share

func openCLIPTextMembers(_ text: CLIPConfiguration.Text, tokenizer: String?) -> [(String, OrderedJSON)] {
  [
    ("context_length", .integer(text.contextLength)), ("vocab_size", .integer(text.vocabularySize)),
    ("width", .integer(text.width)), ("heads", .integer(text.heads)), ("layers", .integer(text.layers)),
    ("mlp_ratio", .number(Double(text.intermediate) / Double(text.width))),
  ] + (tokenizer.map { [("hf_tokenizer_name", .text($0))] } ?? [])
}

func openCLIPBiasMembers(_ bias: Float?) -> [(String, OrderedJSON)] {
  bias.map { [("init_logit_bias", OrderedJSON.float($0))] } ?? []
}

// MARK: Values

extension Settings {
  func logitScale() throws(SettingsError) -> Float? { try number("init_logit_scale").map(Float.init) }

  func logitBias() throws(SettingsError) -> Float? {
    has("init_logit_bias") ? try number("init_logit_bias").map(Float.init) : nil
  }

  /// The perceptron's width; 0, which is refused later, where the ratio makes no sense.
  func innerWidth(of width: Int) throws(SettingsError) -> Int {
    Int(exactly: (Double(width) * (try number("mlp_ratio") ?? 4)).rounded(.down)) ?? 0
  }

  /// `norm_kwargs`: the epsilon of all norms of a tower; nil for PyTorch's.
  func epsilon() throws(SettingsError) -> Float? {
    guard let norm = try group("norm_kwargs") else { return nil }
    try norm.require(KnownKeys(read: ["eps"]))
    return try norm.number("eps").map(Float.init)
  }

  /// `act_kwargs`: which of the GELUs.
  func activation(_ usual: Activation) throws(SettingsError) -> Activation {
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
  func requireUsualTokenizer() throws(SettingsError) {
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
