internal import Models
internal import TensorEngine

/// Classes of new examples, the likeliest first.
struct ClassificationPredictor: TaskPredictor {
  let head: ClassificationHead

  var inputs: [Modality] { head.layers.reader.modalities }
  var lacking: [Modality] { inputs.count > 1 ? head.layers.reader.replaceable : [] }
  var tokens: EncodedTokens { head.layers.reader.tokens }
  var width: Int { head.task.classes.count }
  var classes: [String]? { head.task.classes.names }
  var isExclusive: Bool? { !head.task.isSeveral }

  func numbers(
    _ model: any Model, images: Encoding?, texts: Encoding?, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor {
    head.layers(model, images: images, texts: texts, samples, tape)
  }

  func numbers(
    _ model: any Model, _ encodings: ModalityEncodings, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor {
    head.layers(model, encodings, samples, tape)
  }

  func prediction(_ numbers: ArraySlice<Float>, top: Int) -> TaskPrediction {
    TaskPrediction(
      "classes", "class", Array(numbers), names: head.task.classes.names, isExclusive: !head.task.isSeveral, top: top)
  }
}
