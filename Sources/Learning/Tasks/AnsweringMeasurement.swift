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

  func callAsFunction(_ progress: (_ done: Int, _ total: Int) -> Void) throws -> [AnsweredQuestion] {
    let loader = try subject.loader(dataSet, split: split, head.task.columns)
    var answers: [Int32] = []
    try subject.forEachChunk(of: loader) { chunk in
      for logits in self.logits(chunk) { answers += likeliest(logits) }
      progress(chunk.firstIndex + chunk.count - loader.range.lowerBound, loader.range.count)
    }
    let all = try gatherOverRanks(answers, subject.communicator, "answers of the split")
    let asked = try AskedQuestions(dataSet, split: split)
    let clusters = try subject.clusters(of: dataSet, split: split)
    let answered = zip(all, zip(asked.questions, asked.photoOfQuestion)).map { answer, question in
      AnsweredQuestion(
        answer: head.task.answers.names[Int(answer)], annotators: question.0.answers, kinds: question.0.kinds,
        cluster: clusters[question.1])
    }
    subject.cases?.add(CaseSet(answered, photos: asked.photoOfQuestion))
    return answered
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

  /// Of each question the first of the likeliest answers.
  private func likeliest(_ logits: Tensor) -> [Int32] {
    let (values, count) = (logits.values(), logits.columns)
    return (0..<logits.rows).map { row in
      let own = values[row * count..<(row + 1) * count]
      return Int32(own.indices.reduce(own.startIndex) { own[$1] > own[$0] ? $1 : $0 } - own.startIndex)
    }
  }
}
