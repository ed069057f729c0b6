internal import Models
internal import Reporting
internal import TensorEngine

/// Boxes for phrases about new images.
struct GroundingPredictor: TaskPredictor {
  let head: GroundingHead

  var inputs: [Modality] { [.image, .text] }
  var tokens: EncodedTokens { head.layers.reader.tokens }
  var width: Int { 4 }

  func numbers(
    _ model: any Model, images: Encoding?, texts: Encoding?, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor {
    head.layers(model, images: images, texts: texts, samples, tape)
  }

  /// Edges as shares of the whole photo: left, top, right, bottom.
  func prediction(_ numbers: ArraySlice<Float>, top: Int) -> TaskPrediction {
    let box = [Box](centred: numbers)[0]
    let edges = [box.left, box.top, box.right, box.bottom]
    let words = ["left", "top", "right", "bottom"]
    var told = TaskPrediction(
      members: [("box", .object(zip(words, edges).map { ($0, OrderedJSON.float($1)) }))],
      lines: [zip(words, edges).map { "\($0) \(decimals(Double($1), 3))" }.joined(separator: ", ")])
    told.box = box
    return told
  }
}
