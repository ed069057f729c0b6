internal import Batching
internal import Models
internal import Objectives
internal import TensorEngine

/// A task's classes on a model.
final class ClassificationHead: TaskHead {
  let task: ClassificationTask
  let layers: ClassHead

  init(_ task: ClassificationTask, _ layers: ClassHead) { (self.task, self.layers) = (task, layers) }

  /// [b, classes], of a batch that is trained on.
  func logits(_ states: BatchStates, _ tape: Tape) -> Tensor {
    let (batch, model) = (states.batch, states.model)
    let images = task.looksAtImages && batch.hasImages ? states.images : nil
    let seen = batch.columns.imagePlaces(model.description.images, count: batch.count)
    guard let text = task.textInput else {
      return logits(model, images, seen, texts: nil, isThere: nil, tape)
    }
    guard case .text(let name) = text, let own = batch.columns.texts[name] else {
      return logits(model, images, seen, texts: states.texts, isThere: nil, tape)
    }
    let texts = SampleTexts(firstOf: own)
    return logits(model, images, seen, texts: encoded(texts, model, tape), isThere: texts.isThere, tape)
  }

  /// [n, classes], of a chunk of a split.
  func logits(_ chunk: EvaluationChunk, _ subject: MeasuredModel, _ tape: Tape) -> Tensor {
    let (model, range) = (subject.model, chunk.firstIndex..<chunk.firstIndex + chunk.count)
    let looks = task.looksAtImages && !subject.without.contains(model.description.images.modality)
    let images = looks ? subject.encodedImages(chunk, range, layers.reader.tokens, tape) : nil
    let seen = chunk.columns.imagePlaces(model.description.images, count: chunk.count)
    let column = subject.without.contains(.text) ? nil : task.textInput
    let own: TextBatch? = if case .text(let name) = column { chunk.columns.texts[name] } else { chunk.columns.captions }
    guard column != nil, let own else {
      return logits(model, images, seen, texts: nil, isThere: nil, tape)
    }
    let texts = SampleTexts(firstOf: own)
    return logits(model, images, seen, texts: encoded(texts, model, tape), isThere: texts.isThere, tape)
  }

  private func encoded(_ texts: SampleTexts, _ model: any Model, _ tape: Tape) -> Encoding? {
    (model as? any TextModel)?.textEncoder(texts.packed, layers.reader.tokens, tape)
  }

  /// - Parameter seen: the place of each sample's image among those; nil where it has none.
  private func logits(
    _ model: any Model, _ images: Encoding?, _ seen: [Int?], texts: Encoding?, isThere: [Bool]?, _ tape: Tape
  ) -> Tensor {
    let samples = seen.enumerated().map { sample, place in
      PooledReader.Sample(
        image: images == nil ? nil : place, text: texts == nil || isThere?[sample] == false ? nil : sample)
    }
    return layers(model, images: images, texts: texts, samples, tape)
  }

  /// The classes of each sample, by their numbers; none where nobody knows.
  func targets(_ columns: BatchColumns) -> [[Int]] {
    (task.label.flatMap { columns.labels[$0] } ?? []).map { $0.compactMap { task.classes[$0] } }
  }
}
