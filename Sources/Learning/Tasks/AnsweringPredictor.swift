internal import Models
internal import Reporting
internal import TensorEngine

/// Answers to new questions, the likeliest first.
struct AnsweringPredictor: TaskPredictor {
  let head: AnsweringHead

  var inputs: [Modality] { head.reader.modalities }
  var tokens: EncodedTokens { head.reader.tokens }
  var width: Int { head.task.answers.count }
  /// Where several are partly right no calibration tells of them.
  var classes: [String]? { head.task.isExclusive ? head.task.answers.names : nil }
  var isExclusive: Bool? { head.task.isExclusive }
  var textName: String { "question" }

  func encoded(_ texts: PackedText, _ model: any Model, _ tape: Tape) -> Encoding? { head.encoded(texts, model, tape) }

  func numbers(
    _ model: any Model, images: Encoding?, texts: Encoding?, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor {
    head(model, images: images, texts: texts, samples, tape)
  }

  func prediction(_ numbers: ArraySlice<Float>, top: Int) -> TaskPrediction {
    TaskPrediction(
      "answers", "answer", Array(numbers), names: head.task.answers.names, isExclusive: head.task.isExclusive, top: top)
  }
}
