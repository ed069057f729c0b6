internal import Collectives
internal import Models
internal import Objectives
internal import TensorEngine

/// Which token comes next in a caption, told from those before it and the image: cross-entropy with label smoothing, the mean over
/// the tokens of the global batch.
struct CaptioningObjective: Objective {
  static let name = "captioning"
  static let summary = "The next token of a caption, told from those before it and the image."
  static let needs = [ModelPart.textDecoder]
  static let looksAtFeaturesOnly = false
  static let comparesPairs = false
  static let isOfSingleSamples = true

  static func advice(on part: ModelPart) -> String? {
    part == .textDecoder ? "name a model that has one (docs/tasks.md)" : nil
  }

  private let head: CaptioningHead
  private let communicator: any Communicator

  init?(_ context: ObjectiveContext) {
    guard let head = context.head as? CaptioningHead, context.model is any TextGenerator else { return nil }
    (self.head, communicator) = (head, context.communicator)
  }

  /// This rank's share.
  func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    guard let model = states.model as? any TextGenerator else { preconditionFailure("a model that writes nothing") }
    let prompt = head.task.promptTokens
    let captions = states.batch.text.beginning(with: prompt, limit: model.decoder.contextLength)
    let asked = NextTokens(captions, start: model.decoder.bounds.start, prompt: prompt.count)
    let count = try communicator.sum(asked.rows.count, "count of caption tokens")
    let context = model.context(states.images, nil, tape)
    let logits = model.decoder.logits(of: asked, context, contextOfText: Array(0..<asked.texts.count), tape)
    return tape.crossEntropy(
      logits, targets: asked.targets, count: max(count, 1), smoothing: Float(head.task.smoothing))
  }
}
