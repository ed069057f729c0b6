internal import Foundation
internal import Images
internal import Models
internal import Reporting
internal import TensorEngine
internal import Tokenization

/// `open_clip_config.json` of a model.
/// - Throws: `PretrainedError.notExportable` where open_clip has no setting for what the model does.
func openCLIPConfigurationJSON(
  _ description: ModelDescription, _ preprocessing: Preprocessing, tokenizer: any Tokenizer
) throws -> [UInt8] {
  try requireLargestEnd(description.text, tokenizer)
  try requireOpenCLIPsSteps(preprocessing)
  let model: [(String, OrderedJSON)] =
    switch description {
    case .clip(let towers), .crossAttention(let towers, _): try clipMembers(towers, tokenizer)
    case .mobileClip(let model): try mobileCLIPMembers(model, tokenizer)
    }
  let document = OrderedJSON.object([
    ("model_cfg", .object(model)), ("preprocess_cfg", preprocessing.openCLIPMembers),
  ])
  return Array(document.document.utf8)
}

/// open_clip pools where the largest id stands; where that can be another token than the end, its numbers would be others.
private func requireLargestEnd(_ text: CLIPConfiguration.Text, _ tokenizer: any Tokenizer) throws {
  let largest = tokenizer.vocabularySize - 1
  guard text.endToken == CLIPConfiguration.Text.largestTokenEnds || Int(text.endToken) == largest else {
    throw PretrainedError.notExportable(
      what:
        "open_clip pools a text at its largest token id; this model pools at \(text.endToken), and its tokenizer has "
        + "ids up to \(largest), for words that were added: export it to huggingface")
  }
}

/// open_clip has two filters, and cuts pictures out of no larger ones.
private func requireOpenCLIPsSteps(_ preprocessing: Preprocessing) throws {
  guard preprocessing.filter != .lanczos else {
    throw PretrainedError.notExportable(
      what: "open_clip resizes pictures with bilinear and bicubic filters, this model with lanczos: export it to "
        + "huggingface")
  }
  guard preprocessing.resizeSize == nil else {
    throw PretrainedError.notExportable(
      what: "open_clip resizes pictures to the \(preprocessing.imageSize) pixels that it keeps, this model to "
        + "\(preprocessing.resizeSize ?? 0) first: export it to huggingface")
  }
}

private func mobileCLIPMembers(
  _ model: MobileCLIPConfiguration, _ tokenizer: any Tokenizer
) throws -> [(String, OrderedJSON)] {
  let published = [("fastvit_mci1", MobileCLIPConfiguration.s1), ("fastvit_mci2", .s2)]
  guard model.folding == .unfolded,
    let name = published.first(where: { _, sizes in
      var vision = sizes.vision
      vision.imageSize = model.vision.imageSize
      return vision == model.vision
    })?.0
  else { throw PretrainedError.notExportable(what: "open_clip knows MobileCLIP-S1 and -S2 with their branches") }
  return [
    ("embed_dim", .integer(model.embeddingWidth)),
    (
      "vision_cfg",
      .object([
        ("timm_model_name", .text(name)), ("timm_model_pretrained", .flag(false)), ("timm_pool", .text("avg")),
        ("timm_proj", .null), ("timm_drop", .number(0)), ("timm_drop_path", .number(0)),
        ("image_size", .integer(model.vision.imageSize)),
      ])
    ), ("text_cfg", .object(textMembers(model.text, tokenizer) + [("no_causal_mask", .flag(true))])),
    ("custom_text", .flag(true)),
  ] + biasMembers(model.initialLogitBias)
}

private func biasMembers(_ bias: Float?) -> [(String, OrderedJSON)] {
  bias.map { [("init_logit_bias", OrderedJSON.float($0))] } ?? []
}

private func textMembers(_ text: CLIPConfiguration.Text, _ tokenizer: any Tokenizer) -> [(String, OrderedJSON)] {
  [
    ("context_length", .integer(text.contextLength)), ("vocab_size", .integer(text.vocabularySize)),
    ("width", .integer(text.width)), ("heads", .integer(text.heads)), ("layers", .integer(text.layers)),
    ("mlp_ratio", .number(Double(text.intermediate) / Double(text.width))),
  ] + (isCLIPTokenizer(tokenizer) ? [] : [("hf_tokenizer_name", .text("."))])
}

private func clipMembers(_ towers: CLIPConfiguration, _ tokenizer: any Tokenizer) throws -> [(String, OrderedJSON)] {
  let (vision, text) = (towers.vision, towers.text)
  let isQuick = vision.activation == .quickGELU
  guard isQuick == (text.activation == .quickGELU), let visionGELU = openCLIPGELU(vision.activation),
    let textGELU = openCLIPGELU(text.activation)
  else {
    throw PretrainedError.notExportable(
      what: "the towers' activations are \(vision.activation.rawValue) and \(text.activation.rawValue); open_clip "
        + "takes quick_gelu for both, or gelu and gelu_pytorch_tanh")
  }
  return
    [
      ("embed_dim", .integer(towers.embeddingWidth)), ("quick_gelu", .flag(isQuick)),
      (
        "vision_cfg",
        .object(
          [
            ("image_size", .integer(vision.imageSize)), ("layers", .integer(vision.layers)),
            ("width", .integer(vision.width)), ("head_width", .integer(vision.width / vision.heads)),
            ("patch_size", .integer(vision.patchSize)),
            ("mlp_ratio", .number(Double(vision.intermediate) / Double(vision.width))),
          ] + visionGELU + epsilonMembers(vision.epsilon))
      ), ("text_cfg", .object(textMembers(text, tokenizer) + textGELU + epsilonMembers(text.epsilon))),
    ] + biasMembers(towers.initialLogitBias)
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

extension Preprocessing {
  fileprivate var openCLIPMembers: OrderedJSON {
    .object([
      ("mean", .list(mean.map { .number($0) })), ("std", .list(standardDeviation.map { .number($0) })),
      ("interpolation", .text(filter.rawValue)), ("resize_mode", .text(fit.rawValue)),
    ])
  }
}

/// Whether open_clip's built-in tokenizer, which is CLIP's, makes the same ids: then no file has to be named.
func isCLIPTokenizer(_ tokenizer: any Tokenizer) -> Bool {
  tokenizer.vocabularySize == 49_408 && tokenizer.encode("hello world") == [49406, 3306, 1002, 49407]
    && tokenizer.encode("a photo of a cat.") == [49406, 320, 1125, 539, 320, 2368, 269, 49407]
}
