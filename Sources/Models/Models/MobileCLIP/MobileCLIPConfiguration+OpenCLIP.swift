public import Reporting
public import Settings
internal import TensorEngine

// open_clip's MobileCLIP-S1 and -S2, their image towers by timm's names.

extension MobileCLIPConfiguration: OpenCLIPDescription {
  /// An image tower of timm's.
  public static func claims(_ file: OpenCLIPMembers) throws(SettingsError) -> Bool { try file.timmName() != nil }

  public init(_ file: OpenCLIPMembers, tokens: (start: Int32, end: Int32)) throws(SettingsError) {
    let (model, vision, text) = (file.model, file.vision, file.text)
    switch try file.timmName() {
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

  public func openCLIPMembers(tokenizer: String?) throws(OpenCLIPFormError) -> [(String, OrderedJSON)] {
    let published = [("fastvit_mci1", MobileCLIPConfiguration.s1), ("fastvit_mci2", .s2)]
    guard folding == .unfolded,
      let name = published.first(where: { _, sizes in
        var vision = sizes.vision
        vision.imageSize = self.vision.imageSize
        return vision == self.vision
      })?.0
    else { throw OpenCLIPFormError(problem: "open_clip knows MobileCLIP-S1 and -S2 with their branches") }
    return [
      ("embed_dim", .integer(embeddingWidth)),
      (
        "vision_cfg",
        .object([
          ("timm_model_name", .text(name)), ("timm_model_pretrained", .flag(false)), ("timm_pool", .text("avg")),
          ("timm_proj", .null), ("timm_drop", .number(0)), ("timm_drop_path", .number(0)),
          ("image_size", .integer(self.vision.imageSize)),
        ])
      ), ("text_cfg", .object(openCLIPTextMembers(text, tokenizer: tokenizer) + [("no_causal_mask", .flag(true))])),
      ("custom_text", .flag(true)),
    ] + openCLIPBiasMembers(initialLogitBias)
  }
}
