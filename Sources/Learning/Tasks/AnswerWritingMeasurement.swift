internal import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine

/// What a decoder answers to the questions of a split: each rank looks at its part, and all know the whole.
struct AnswerWritingMeasurement {
  private let subject: MeasuredModel
  private let model: any AnswerGenerator
  private let predictor: AnswerWritingPredictor
  private let dataSet: PreparedDataSet
  private let split: String

  /// Questions that are answered at once.
  private static let atOnce = 64

  /// - Throws: `TaskError` for a model that writes no answers, and `WritingError`.
  init(_ subject: MeasuredModel, _ dataSet: PreparedDataSet, split: String) throws {
    guard let model = subject.model as? any AnswerGenerator, let head = subject.head as? AnswerWritingHead else {
      throw TaskError.noAnswerDecoder(model: subject.model.description.name)
    }
    (self.subject, self.model, self.dataSet, self.split) = (subject, model, dataSet, split)
    predictor = try AnswerWritingPredictor(head, subject.tokenizer, isThorough: subject.isThorough)
      .asked(subject.writing)
  }

  func callAsFunction(_ progress: (_ done: Int, _ total: Int) -> Void) throws -> ToldAnswers {
    let loader = try subject.loader(dataSet, split: split, [.image, .questions])
    var rows: [Float] = []
    try subject.forEachChunk(of: loader) { chunk in
      rows += numbers(chunk)
      progress(chunk.firstIndex + chunk.count - loader.range.lowerBound, loader.range.count)
    }
    let all = try gatherOverRanks(rows, subject.communicator, "answers of the split")
    let told = stride(from: 0, to: all.count, by: predictor.width).map {
      predictor.told(all[$0..<$0 + predictor.width])[0]
    }
    let asked = try AskedQuestions(dataSet, split: split)
    let clusters = try subject.clusters(of: dataSet, split: split)
    // The last digits hang on what else a rank computes: without them the figures are the same on any number of ranks.
    let questions = zip(asked.questions.indices, told).map { place, told in
      AnsweredQuestion(
        answer: told.words, annotators: asked.questions[place].answers, kinds: asked.questions[place].kinds,
        cluster: clusters[asked.photoOfQuestion[place]], confidence: (1e4 * told.probability).rounded() / 1e4)
    }
    subject.cases?.add(CaseSet(questions, photos: asked.photoOfQuestion))
    return ToldAnswers(
      questions: questions, numbers: numbered(told.map(\.words)), way: predictor.way,
      cut: told.contains { $0.tokens != nil } ? told.count(where: \.isCut) : nil)
  }

  /// Of a chunk's questions, some at a time.
  private func numbers(_ chunk: EvaluationChunk) -> [Float] {
    let tape = Tape(subject.engine, recording: false)
    let range = chunk.firstIndex..<chunk.firstIndex + chunk.count
    guard let questions = chunk.columns.questions?.texts, questions.count > 0,
      let images = subject.encodedImages(chunk, range, .all, tape)
    else { return [] }
    let imageOfQuestion = questions.counts.enumerated().flatMap { [Int](repeating: $0, count: $1) }
    let packed = PackedText(questions)
    return stride(from: 0, to: questions.count, by: Self.atOnce).flatMap { first in
      let part = first..<min(first + Self.atOnce, questions.count)
      let samples = part.map { PooledReader.Sample(image: imageOfQuestion[$0], text: $0 - first) }
      return predictor.numbers(
        model, images: images, texts: predictor.encoded(packed[part], model, tape), samples, tape
      ).values()
    }
  }
}
