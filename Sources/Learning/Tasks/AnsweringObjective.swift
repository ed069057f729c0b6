package import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine

/// Which answers are right, and how much: the sum over answers of what each costs by itself, with the share of annotators as its target
/// (Anderson et al., "Bottom-Up and Top-Down Attention", 2018); or cross-entropy, where each question has one. A mean over the questions of
/// the global batch.
struct AnsweringObjective: Objective {
  static let name = "answering"
  static let summary =
    "Answers to questions: one sigmoid an answer, or cross-entropy where each question has one."
  static let needs: [ModelPart] = []
  static let looksAtFeaturesOnly = false
  static let comparesPairs = false

  private let head: AnsweringHead
  private let communicator: any Communicator

  init?(_ context: ObjectiveContext) {
    guard let head = context.head as? AnsweringHead else { return nil }
    (self.head, communicator) = (head, context.communicator)
  }

  var looksAtPooledStatesOnly: Bool { !head.reader.isJoint }

  func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    guard let batch = states.batch.columns.questions else { preconditionFailure("a batch without questions") }
    let logits = head.logits(batch.texts, states, tape)
    let answers = head.task.answers
    guard head.task.isExclusive else { return try ofSeveral(logits, batch.questions.map { $0.targets(answers) }, tape) }
    let numbers = batch.questions.map { $0.usualAnswer.flatMap { answers[$0] } }
    let known = numbers.indices.filter { numbers[$0] != nil }
    let count = try communicator.sum(known.count, "count of questions")
    return tape.crossEntropy(
      tape.gatherRows(logits, known), targets: known.map { Int32(numbers[$0] ?? 0) }, count: max(count, 1))
  }

  /// - Parameter targets: of each question, by the numbers of answers. One without any is kept: all answers are wrong.
  private func ofSeveral(_ logits: Tensor, _ targets: [[(number: Int, share: Float)]], _ tape: Tape) throws -> Tensor {
    var shares = [Float](repeating: 0, count: targets.count * logits.columns)
    for (row, targets) in targets.enumerated() {
      for target in targets { shares[row * logits.columns + target.number] = target.share }
    }
    let count = try communicator.sum(targets.count, "count of questions")
    return tape.binaryCrossEntropy(
      logits, targets: tape.engine.tensor(shares, shape: [targets.count, logits.columns]), count: max(count, 1))
  }
}

extension Question {
  /// How right each answer of a list is, by the number of those who gave it: 0.3, 0.6, 0.9 and 1 of ten. Both sides are normalised: answers
  /// that normalisation changes would else have no target.
  package func targets(_ list: ClassList) -> [(number: Int, share: Float)] {
    let normalised = answers.map(OfficialAnswer.normalised)
    guard let accuracy = AnswerAccuracy(normalised) else { return [] }
    return Set(normalised).compactMap { answer in list[answer].map { ($0, Float(accuracy(answer))) } }
  }
}
