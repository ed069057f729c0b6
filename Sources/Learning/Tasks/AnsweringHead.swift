internal import Batching
internal import Models
internal import Objectives
internal import TensorEngine

/// A task's answers on a model.
final class AnsweringHead: TaskHead {
  enum Form {
    /// A head of the task's own.
    case ofTask(ClassHead)
    /// The model's, whose pooled states it makes itself.
    case ofModel(PooledReader)
  }

  let task: AnsweringTask
  private let form: Form

  init(_ task: AnsweringTask, _ form: Form) { (self.task, self.form) = (task, form) }

  var reader: PooledReader {
    switch form {
    case .ofTask(let head): head.reader
    case .ofModel(let reader): reader
    }
  }

  /// Logits of questions [N, answers], of which each has its image.
  func callAsFunction(
    _ model: any Model, images: Encoding?, texts: Encoding?, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor {
    switch form {
    case .ofTask(let head): return head(model, images: images, texts: texts, samples, tape)
    case .ofModel(let reader):
      guard let own = model as? any AnsweringModel else { preconditionFailure("another model's head") }
      return own.answer(reader.jointStates(own, images: images, texts: texts, samples, tape), tape)
    }
  }

  func scorer(telling number: Int, on model: any Model) -> (any PairScorer)? {
    guard case .ofTask(let head) = form, task.blind == nil else { return nil }
    return ToldScorer(head, on: model, telling: number, name: "answer")
  }

  /// Logits of a batch's questions [m, answers], one a sample.
  func logits(_ questions: TextBatch, _ states: BatchStates, _ tape: Tape) -> Tensor {
    let images = task.blind == .image ? nil : states.images
    let texts = encoded(PackedText(questions), states.model, tape)
    return self(states.model, images: images, texts: texts, samples(questions.counts), tape)
  }

  /// What the text encoder makes of questions; nil where they are hidden.
  func encoded(_ questions: PackedText, _ model: any Model, _ tape: Tape) -> Encoding? {
    guard task.blind != .text else { return nil }
    guard case .ofModel = form, let own = model as? any AnsweringModel else {
      return (model as? any TextModel)?.textEncoder(questions, reader.tokens, tape)
    }
    return own.read(questions: questions, tape)
  }

  /// Of each question its image and itself, but for what is hidden.
  /// - Parameter counts: questions of each image.
  func samples(_ counts: [Int]) -> [PooledReader.Sample] {
    let images = counts.enumerated().flatMap { image, count in [Int](repeating: image, count: count) }
    return images.enumerated().map { question, image in sample(image: image, question: question) }
  }

  func sample(image: Int, question: Int) -> PooledReader.Sample {
    PooledReader.Sample(image: task.blind == .image ? nil : image, text: task.blind == .text ? nil : question)
  }
}
