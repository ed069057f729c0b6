internal import Batching
internal import Models
internal import Objectives
internal import TensorEngine

/// A task's classes on a model.
final class ClassificationHead: TaskHead {
  let task: ClassificationTask
  let layers: ClassHead

  init(_ task: ClassificationTask, _ layers: ClassHead) { (self.task, self.layers) = (task, layers) }

  /// Of the modalities that are looked at what the encoders make, and where each sample's stand among it.
  private struct Seen {
    var encodings = ModalityEncodings()
    var images: [Int?] = []
    var texts: [Int?] = []
    var clips: [Int?] = []
  }

  /// [b, classes], of a batch that is trained on.
  func logits(_ states: BatchStates, _ tape: Tape) -> Tensor {
    let (batch, model) = (states.batch, states.model)
    var seen = Seen()
    if task.looksAtImages(of: model.description), batch.hasImages {
      seen.encodings.images = states.images
      seen.images = batch.columns.imagePlaces(model.description.images, count: batch.count)
    }
    if task.hearsBeside(model.description), let clips = states.clips {
      (seen.encodings.clips, seen.clips) = (clips, batch.places(of: .audio))
    }
    if case .text(let name) = task.textInput, let own = batch.columns.texts[name] {
      let texts = SampleTexts(firstOf: own)
      (seen.encodings.texts, seen.texts) = (encoded(texts, model, tape), texts.places)
    } else if task.textInput != nil {
      (seen.encodings.texts, seen.texts) = (states.texts, batch.places(of: .text))
    }
    return logits(model, seen, count: batch.count, tape)
  }

  /// [n, classes], of a chunk of a split.
  func logits(_ chunk: EvaluationChunk, _ subject: MeasuredModel, _ tape: Tape) -> Tensor {
    let (model, range) = (subject.model, chunk.firstIndex..<chunk.firstIndex + chunk.count)
    let (description, columns) = (model.description, chunk.columns)
    var seen = Seen()
    if task.looksAtImages(of: description), !subject.without.contains(description.images.modality) {
      seen.encodings.images = subject.encodedImages(chunk, range, layers.reader.tokens, tape)
      seen.images = columns.imagePlaces(description.images, count: chunk.count)
    }
    if task.hearsBeside(description), !subject.without.contains(.audio) {
      seen.encodings.clips = subject.encodedClips(chunk, layers.reader.tokens, tape)
      seen.clips = columns.audio?.places ?? []
    }
    let column = subject.without.contains(.text) ? nil : task.textInput
    let own: TextBatch? = if case .text(let name) = column { columns.texts[name] } else { columns.captions }
    if column != nil, let own {
      let texts = SampleTexts(firstOf: own)
      (seen.encodings.texts, seen.texts) = (encoded(texts, model, tape), texts.places)
    }
    return logits(model, seen, count: chunk.count, tape)
  }

  private func encoded(_ texts: SampleTexts, _ model: any Model, _ tape: Tape) -> Encoding? {
    (model as? any TextModel)?.textEncoder(texts.packed, layers.reader.tokens, tape)
  }

  private func logits(_ model: any Model, _ seen: Seen, count: Int, _ tape: Tape) -> Tensor {
    let encodings = seen.encodings
    let samples = (0..<count).map { sample in
      PooledReader.Sample(
        image: encodings.images == nil ? nil : seen.images[sample],
        text: encodings.texts == nil ? nil : seen.texts[sample],
        clip: encodings.clips == nil ? nil : seen.clips[sample])
    }
    return layers(model, encodings, samples, tape)
  }

  /// The classes of each sample, by their numbers; none where nobody knows.
  func targets(_ columns: BatchColumns) -> [[Int]] {
    (task.label.flatMap { columns.labels[$0] } ?? []).map { $0.compactMap { task.classes[$0] } }
  }
}
