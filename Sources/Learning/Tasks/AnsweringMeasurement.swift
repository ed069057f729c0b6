internal import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine

/// What a model answers to the questions of a split: each rank looks at its part, and all know the whole.
struct AnsweringMeasurement {
  let subject: MeasuredModel
  let head: AnsweringHead
  let dataSet: PreparedDataSet
  let split: String

  /// Questions that are answered at once.
  private static let atOnce = 64

  func callAsFunction(_ progress: (_ done: Int, _ total: Int) -> Void) throws -> ToldAnswers {
    var (answers, confidences): ([Int32], [Double]) = ([], [])
    try forEachChunk(progress) { logits in
      for row in rows(logits) {
        answers.append(Int32(likeliest(row)))
        confidences.append(head.task.confidence(row))
      }
    }
    let all = try gatherOverRanks(answers, subject.communicator, "answers of the split")
    let sure = try gatherOverRanks(confidences, subject.communicator, "confidences of the split")
    let asked = try AskedQuestions(dataSet, split: split)
    let clusters = try subject.clusters(of: dataSet, split: split)
    let questions = asked.questions.indices.map { place in
      let question = asked.questions[place]
      return AnsweredQuestion(
        answer: head.task.answers.names[Int(all[place])], annotators: question.answers, kinds: question.kinds,
        cluster: clusters[asked.photoOfQuestion[place]], confidence: sure[place])
    }
    subject.cases?.add(CaseSet(questions, photos: asked.photoOfQuestion))
    return ToldAnswers(questions: questions, numbers: all.map { Int($0) })
  }

  /// All logits, where one answer to a question is right: what most annotators said.
  func predictions(_ progress: (_ done: Int, _ total: Int) -> Void) throws -> ClassPredictions {
    var logits: [Float] = []
    try forEachChunk(progress) { logits += $0.values() }
    let asked = try AskedQuestions(dataSet, split: split)
    let clusters = try subject.clusters(of: dataSet, split: split)
    let usual = asked.questions.map(\.usualAnswer)
    var predictions = ClassPredictions(
      classes: head.task.answers.names,
      logits: try gatherOverRanks(logits, subject.communicator, "logits of the split"),
      targets: usual.map { answer in answer.flatMap { head.task.answers[$0] }.map { [$0] } ?? [] },
      clusters: asked.photoOfQuestion.map { clusters[$0] }, isSeveral: false)
    predictions.outside = usual.indices.filter { usual[$0] != nil && predictions.targets[$0].isEmpty }
    return predictions
  }

  private func forEachChunk(_ progress: (_ done: Int, _ total: Int) -> Void, _ body: (Tensor) -> Void) throws {
    let loader = try subject.loader(dataSet, split: split, head.task.columns)
    try subject.forEachChunk(of: loader) { chunk in
      for logits in self.logits(chunk) { body(logits) }
      progress(chunk.firstIndex + chunk.count - loader.range.lowerBound, loader.range.count)
    }
  }

  /// Of a chunk's questions, some at a time.
  private func logits(_ chunk: EvaluationChunk) -> [Tensor] {
    guard let questions = chunk.columns.questions?.texts, questions.count > 0 else { return [] }
    let tape = Tape(subject.engine, recording: false)
    let range = chunk.firstIndex..<chunk.firstIndex + chunk.count
    let images = head.task.blind == .image ? nil : subject.encodedImages(chunk, range, head.reader.tokens, tape)
    let imageOfQuestion = questions.counts.enumerated().flatMap { [Int](repeating: $0, count: $1) }
    let packed = PackedText(questions)
    return stride(from: 0, to: questions.count, by: Self.atOnce).map { first in
      let part = first..<min(first + Self.atOnce, questions.count)
      let samples = part.map { head.sample(image: imageOfQuestion[$0], question: $0 - first) }
      return head(
        subject.model, images: images, texts: head.encoded(packed[part], subject.model, tape), samples, tape)
    }
  }
}

/// What is answered to the questions of a split.
struct ToldAnswers {
  let questions: [AnsweredQuestion]
  /// The numbers of the answers.
  let numbers: [Int]

  /// How right each is.
  var judged: JudgedSplit {
    JudgedSplit(
      said: numbers.map { [$0] },
      percent: questions.map { question in AnswerAccuracy(question.annotators).map { 100 * $0(question.answer) } })
  }
}

/// The first of the likeliest.
func likeliest(_ logits: ArraySlice<Float>) -> Int {
  logits.indices.reduce(logits.startIndex) { logits[$1] > logits[$0] ? $1 : $0 } - logits.startIndex
}

/// [N, A] by rows.
func rows(_ logits: Tensor) -> [ArraySlice<Float>] {
  let (values, count) = (logits.values(), logits.columns)
  return (0..<logits.rows).map { values[$0 * count..<($0 + 1) * count] }
}
