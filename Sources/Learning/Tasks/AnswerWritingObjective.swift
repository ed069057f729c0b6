internal import Batching
internal import Collectives
internal import Models
internal import Objectives
internal import TensorEngine

/// What people have answered, token by token: of each question Σ share · −ln p(answer) over its distinct answers, with label smoothing; a
/// mean over the answered questions of the global batch (Li et al., "BLIP", ICML 2022, as its program has it).
struct AnswerWritingObjective: Objective {
  static let name = "answering"
  static let summary = "The answers to a question, token by token, each as much as annotators gave it."
  static let needs = [ModelPart.answerDecoder]
  static let looksAtFeaturesOnly = false
  static let comparesPairs = false
  static let isOfSingleSamples = true

  static func advice(on part: ModelPart) -> String? {
    part == .answerDecoder ? "name a model that has one (docs/tasks.md), or set task.answers to list" : nil
  }

  private let head: AnswerWritingHead
  private let communicator: any Communicator

  init?(_ context: ObjectiveContext) {
    guard let head = context.head as? AnswerWritingHead, context.model is any AnswerGenerator else { return nil }
    (self.head, communicator) = (head, context.communicator)
  }

  /// This rank's share. Each question is read once, and all of its answers look at it.
  func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    guard let model = states.model as? any AnswerGenerator, let tokenizer = head.task.tokenizer,
      let batch = states.batch.columns.questions
    else { preconditionFailure("answers are learnt without a decoder, a tokenizer or questions") }
    let answers = AnswerTexts(batch.questions, tokenizer, limit: model.decoder.contextLength)
    let count = try communicator.sum(answers.count, "count of answered questions")
    let asked = PackedText(batch.texts)
    let read = model.textEncoder(PackedText(answers.questions.flatMap { [asked[$0..<$0 + 1].ids] }), .all, tape)
    let images = batch.texts.counts.enumerated().flatMap { image, count in [Int](repeating: image, count: count) }
    let context = model.context(
      states.images, read, imageOfQuestion: answers.questions.map { images[$0] }, tape)
    let next = NextTokens(answers.texts, start: model.decoder.bounds.start)
    let logits = model.decoder.logits(of: next, context, contextOfText: answers.questionOfText, tape)
    let weights = zip(answers.shares, next.counts).flatMap { share, tokens in
      [Float](repeating: share / Float(max(count, 1)), count: tokens)
    }
    return tape.crossEntropy(
      logits, targets: next.targets, weights: weights, smoothing: Float(head.task.smoothing))
  }
}
