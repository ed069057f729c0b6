internal import Batching
internal import Models
internal import Objectives
internal import TensorEngine

/// A task's classes on a model.
final class ClassificationHead: BalancedHead {
  let task: ClassificationTask
  let layers: ClassHead
  /// Of each modality alone; nil where nobody asks.
  let apart: ApartHeads?

  init(_ task: ClassificationTask, _ layers: ClassHead, apart: ApartHeads?, on model: any Model) {
    (self.task, self.layers, self.apart) = (task, layers, apart)
    join = ModalityJoin(model: model.description.name, isAdditive: layers.reader.addsModalities(of: model))
  }

  func scorer(telling number: Int, on model: any Model) -> (any PairScorer)? {
    ToldScorer(layers, on: model, telling: number, name: "class")
  }

  let join: ModalityJoin
  var reader: PooledReader { layers.reader }

  /// [b, classes], of a batch that is trained on.
  /// - Parameter balance: may hide modalities from samples.
  func logits(_ states: BatchStates, _ tape: Tape, _ balance: ModalityBalance? = nil) -> Tensor {
    let (inputs, batch) = (inputs(states, tape), states.batch)
    guard let balance, balance.method.hides else { return logits(states.model, inputs, tape) }
    let places = balance.modalities.map { inputs.places(of: $0) }
    let hidden = batch.photos.enumerated().map { sample, name in
      balance.hidden(
        present: places.map { $0[sample] != nil }, sample: name, epoch: batch.epoch, step: batch.step)
    }
    return logits(states.model, inputs.hiding(hidden, of: balance.modalities), tape)
  }

  /// [n, classes], of a chunk of a split.
  func logits(_ chunk: EvaluationChunk, _ subject: MeasuredModel, _ tape: Tape) -> Tensor {
    logits(subject.model, inputs(chunk, subject, tape), tape)
  }

  func logits(_ model: any Model, _ inputs: ModalityInputs, _ tape: Tape) -> Tensor {
    layers(model, inputs.encodings, inputs.samples, tape)
  }

  // MARK: What is looked at

  /// Of the modalities that are looked at what the encoders make, and where each sample's stand among it.
  private struct Seen {
    var encodings = ModalityEncodings()
    var images: [Int?] = []
    var texts: [Int?] = []
    var clips: [Int?] = []

    func inputs(of model: any Model, count: Int) -> ModalityInputs {
      let samples = (0..<count).map { sample in
        PooledReader.Sample(
          image: encodings.images == nil ? nil : images[sample], text: encodings.texts == nil ? nil : texts[sample],
          clip: encodings.clips == nil ? nil : clips[sample])
      }
      return ModalityInputs(encodings, samples, of: model.description)
    }
  }

  /// Of a batch that is trained on, once however many objectives look at it.
  func inputs(_ states: BatchStates, _ tape: Tape) -> ModalityInputs {
    if let known = states.inputs { return known }
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
    let made = seen.inputs(of: model, count: batch.count)
    states.inputs = made
    return made
  }

  /// Of a chunk of a split.
  func inputs(_ chunk: EvaluationChunk, _ subject: MeasuredModel, _ tape: Tape) -> ModalityInputs {
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
    return seen.inputs(of: model, count: chunk.count)
  }

  private func encoded(_ texts: SampleTexts, _ model: any Model, _ tape: Tape) -> Encoding? {
    (model as? any TextModel)?.textEncoder(texts.packed, layers.reader.tokens, tape)
  }

  /// The classes of each sample, by their numbers; none where nobody knows.
  func targets(_ columns: BatchColumns) -> [[Int]] {
    (task.label.flatMap { columns.labels[$0] } ?? []).map { $0.compactMap { task.classes[$0] } }
  }
}
