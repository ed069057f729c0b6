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
  static let isOfSingleSamples = true
  static let weighsSamples = true

  private let head: AnsweringHead
  private let groups: GroupLosses?
  private let communicator: any Communicator

  init?(_ context: ObjectiveContext) {
    guard let head = context.head as? AnsweringHead else { return nil }
    (self.head, groups, communicator) = (head, context.groups, context.communicator)
  }

  var looksAtPooledStatesOnly: Bool { !head.reader.isJoint }

  func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    guard let batch = states.batch.columns.questions else { preconditionFailure("a batch without questions") }
    let logits = head.logits(batch.texts, states, tape)
    let answers = head.task.answers
    let groups = groups?.numbers(of: states.batch.columns, valuesOfEach: batch.texts.counts)
    guard head.task.isExclusive else {
      return try ofSeveral(logits, batch.questions.map { $0.targets(answers) }, groups: groups, tape)
    }
    return try ofOne(logits, batch.questions.map { $0.usualAnswer.flatMap { answers[$0] } }, groups: groups, tape)
  }

  /// - Parameters:
  ///   - answers: of each question the number of the right one; nil where the list has none, and nothing is learnt.
  ///   - numbers: of the questions' groups, where these count.
  private func ofOne(
    _ logits: Tensor, _ answers: [Int?], groups numbers: [Int?]?, _ tape: Tape
  ) throws -> Tensor {
    let known = answers.indices.filter { answers[$0] != nil }
    let (told, right) = (tape.gatherRows(logits, known), known.map { answers[$0] ?? 0 })
    if let groups, let numbers {
      let rows = tape.crossEntropyOfRows(told, targets: tape.engine.oneHot(right, columns: logits.columns))
      return try groups.loss(rows, numbers: known.map { numbers[$0] }, communicator, tape)
    }
    let count = try communicator.sum(known.count, "count of questions")
    return tape.crossEntropy(told, targets: right.map { Int32($0) }, count: max(count, 1))
  }

  /// - Parameter targets: of each question, by the numbers of answers. One without any is kept: all answers are wrong.
  private func ofSeveral(
    _ logits: Tensor, _ targets: [[(number: Int, share: Float)]], groups numbers: [Int?]?, _ tape: Tape
  ) throws -> Tensor {
    var shares = [Float](repeating: 0, count: targets.count * logits.columns)
    for (row, targets) in targets.enumerated() {
      for target in targets { shares[row * logits.columns + target.number] = target.share }
    }
    let wanted = tape.engine.tensor(shares, shape: [targets.count, logits.columns])
    if let groups, let numbers {
      let rows = tape.binaryCrossEntropyOfRows(
        logits, targets: wanted, positiveWeights: [Float](repeating: 1, count: logits.columns))
      return try groups.loss(rows, numbers: numbers, communicator, tape)
    }
    let count = try communicator.sum(targets.count, "count of questions")
    return tape.binaryCrossEntropy(logits, targets: wanted, count: max(count, 1))
  }
}

extension Engine {
  /// 1 at the number of each row [n, columns].
  fileprivate func oneHot(_ numbers: [Int], columns: Int) -> Tensor {
    var values = [Float](repeating: 0, count: numbers.count * columns)
    for (row, number) in numbers.enumerated() { values[row * columns + number] = 1 }
    return tensor(values, shape: [numbers.count, columns])
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
