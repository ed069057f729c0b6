public import Reporting
public import Settings
internal import TensorEngine

// open_clip's own model.

extension CLIPConfiguration: OpenCLIPDescription {
  /// open_clip's own image tower.
  public static func claims(_ file: OpenCLIPMembers) throws(SettingsError) -> Bool { try file.timmName() == nil }

  public init(_ file: OpenCLIPMembers, tokens: (start: Int32, end: Int32)) throws(SettingsError) {
    let (model, vision, text) = (file.model, file.vision, file.text)
    try vision.require(openCLIPVisionKeys)
    try text.require(openCLIPTextKeys)
    let usual: Activation = try model.flag("quick_gelu") == true ? .quickGELU : .geluErf
    embeddingWidth = try model.required(model.whole("embed_dim"), "embed_dim")
    (initialLogitScale, initialLogitBias) = try (model.logitScale() ?? initialLogitScale, model.logitBias())
    self.vision = try Vision(openCLIP: vision, usual)
    self.text = try Text(openCLIP: text, usual, tokens)
  }

  public func openCLIPMembers(tokenizer: String?) throws(OpenCLIPFormError) -> [(String, OrderedJSON)] {
    let isQuick = vision.activation == .quickGELU
    guard isQuick == (text.activation == .quickGELU), let visionGELU = openCLIPGELU(vision.activation),
      let textGELU = openCLIPGELU(text.activation)
    else {
      throw OpenCLIPFormError(
        problem: "the towers' activations are \(vision.activation.rawValue) and \(text.activation.rawValue); open_clip "
          + "takes quick_gelu for both, or gelu and gelu_pytorch_tanh")
    }
    return
      [
        ("embed_dim", .integer(embeddingWidth)), ("quick_gelu", .flag(isQuick)),
        (
          "vision_cfg",
          .object(
            [
              ("image_size", .integer(vision.imageSize)), ("layers", .integer(vision.layers)),
              ("width", .integer(vision.width)), ("head_width", .integer(vision.width / vision.heads)),
              ("patch_size", .integer(vision.patchSize)),
              ("mlp_ratio", .number(Double(vision.intermediate) / Double(vision.width))),
            ] + visionGELU + epsilonMembers(vision.epsilon))
        ),
        (
          "text_cfg", .object(openCLIPTextMembers(text, tokenizer: tokenizer) + textGELU + epsilonMembers(text.epsilon))
        ),
      ] + openCLIPBiasMembers(initialLogitBias)
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
  init(
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

/// `act_kwargs` of a tower, where it needs some; nil for an activation that open_clip does not have.
private func openCLIPGELU(_ activation: Activation) -> [(String, OrderedJSON)]? {
  switch activation {
  case .quickGELU, .geluErf: []
  case .geluTanh: [("act_kwargs", .object([("approximate", .text("tanh"))]))]
  default: nil
  }
}

private func epsilonMembers(_ epsilon: Float) -> [(String, OrderedJSON)] {
  epsilon == 1e-5 ? [] : [("norm_kwargs", .object([("eps", .float(epsilon))]))]
}
