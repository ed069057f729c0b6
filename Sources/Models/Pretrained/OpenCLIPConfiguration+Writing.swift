internal import Foundation
internal import Images
internal import Models
internal import Reporting
internal import TensorEngine
internal import Tokenization

/// `open_clip_config.json` of a model.
/// - Throws: `PretrainedError.notExportable` where open_clip has no setting for what the model does.
func openCLIPConfigurationJSON(
  _ description: any OpenCLIPDescription, _ preprocessing: Preprocessing, tokenizer: any Tokenizer
) throws -> [UInt8] {
  try requireLargestEnd(description.texts, tokenizer)
  try requireOpenCLIPsSteps(preprocessing)
  let model: [(String, OrderedJSON)]
  do {
    model = try description.openCLIPMembers(tokenizer: isCLIPTokenizer(tokenizer) ? nil : ".")
  } catch {
    throw PretrainedError.notExportable(what: error.problem)
  }
  let document = OrderedJSON.object([
    ("model_cfg", .object(model)), ("preprocess_cfg", preprocessing.openCLIPMembers),
  ])
  return Array(document.document.utf8)
}

/// open_clip pools where the largest id stands; where that can be another token than the end, its numbers would be others.
private func requireLargestEnd(_ text: TextShape, _ tokenizer: any Tokenizer) throws {
  let largest = tokenizer.vocabularySize - 1
  let end = text.endToken.map(Int.init) ?? -1
  guard text.endToken == TextShape.largestTokenEnds || end == largest else {
    throw PretrainedError.notExportable(
      what:
        "open_clip pools a text at its largest token id; this model pools at \(end), and its tokenizer has "
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
