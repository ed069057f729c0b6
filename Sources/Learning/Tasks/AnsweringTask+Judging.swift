public import Batching
public import Evaluation
internal import Foundation
public import Models
internal import Reporting

extension AnsweringTask {
  public var modalities: [Modality] { [.image, .text].filter { $0 != blind } }

  public func isComparable(with other: any Task) -> Bool {
    guard let other = other as? AnsweringTask else { return false }
    // What is written is measured as what is chosen is, whatever the list of that.
    return form == .open || other.form == .open || other.answers.names == answers.names
  }

  /// How sure the model is of its answer: its probability, to a millionth, so that it is the same in whatever company a question is asked.
  func confidence(_ logits: ArraySlice<Float>) -> Double {
    let highest = Double(logits.max() ?? 0)
    let sum = isExclusive ? logits.reduce(0.0) { $0 + exp(Double($1) - highest) } : 1 + exp(-highest)
    return (1e6 / sum).rounded() / 1e6
  }

  public func classPredictions(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> ClassPredictions? {
    guard form == .list else { throw TaskError.writtenAnswers(what: "a calibration is of logits of a list of answers") }
    guard isExclusive else { throw TaskError.sharedAnswers }
    return try measurement([subject], dataSet, split: split).predictions(progress)
  }

  public func judge(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> JudgedModel? {
    let told = try told([subject], dataSet, split: split, progress: progress)
    return JudgedModel(
      report: try report(told, isThorough: subject.isThorough), judged: told.judged,
      clusters: told.questions.map(\.cluster), blind: blindAnswers(told.questions))
  }

  /// What would be right without looking: the training split's most frequent answers, and the best that the list could reach.
  private func blindAnswers(_ questions: [AnsweredQuestion]) -> [BesideMetrics.Other] {
    func other(_ name: String, _ percent: (AnsweredQuestion, AnswerAccuracy) -> Double) -> BesideMetrics.Other {
      BesideMetrics.Other(
        name: name, modality: nil,
        judged: JudgedSplit(
          said: questions.map { _ in [] },
          percent: questions.map { question in AnswerAccuracy(question.annotators).map { 100 * percent(question, $0) } }
        ))
    }
    let list = AnswerList(answers.names)
    let oracle = other("the best of the answer list") { $1.best(of: list) }
    let best = form == .open ? [] : [oracle]
    guard let majority else { return best }
    let groupings = Set(questions.flatMap(\.kinds.keys)).sorted()
    return [other("the most frequent answer") { $1(majority.answer) }]
      + groupings.map { grouping in
        other("the most frequent of each \(printable(grouping))") { $1(majority.answer(to: $0.kinds, by: grouping)) }
      } + best
  }

  public func fusionScores(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, rewordings: Rewordings?,
    progress: @escaping (_ done: Int, _ total: Int) -> Void
  ) throws -> FusionScores? {
    guard let head = subject.head as? AnsweringHead else {
      throw TaskError.writtenAnswers(what: "--fusion looks at the logits of a list of answers")
    }
    try check(dataSet, split: split)
    let samples = FusedQuestions(
      head, try AskedQuestions(dataSet, split: split), clusters: try subject.clusters(of: dataSet, split: split))
    var measurement = try FusionMeasurement(subject, samples, dataSet, split: split, progress: progress)
    return try measurement?(rewordings)
  }
}
