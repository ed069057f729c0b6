internal import Batching
internal import Collectives
internal import Images
internal import Layers
internal import Models
internal import Objectives
internal import TensorEngine

/// A tower of which nothing is trained and whose input is the same in every epoch: what it makes of a photo or a caption never
/// changes while the run lasts.
final class LockedTower {
  let modality: Modality
  /// Which states the objectives read.
  let tokens: EncodedTokens
  private let model: any Model
  private let engine: Engine
  private let encoder: SeparateEncoder
  /// Of the split that is trained on, where they are kept.
  var kept: KeptStates?
  /// Of the split that is evaluated on, where they are kept.
  var keptForEvaluation: KeptStates?

  /// Nil where the model has no such tower, or something of it is trained.
  init?(_ modality: Modality, _ setup: RunSetup) {
    let isFrozen = setup.arena.parameters.contains { !$0.isConstant && !$0.tensor.requiresGradient }
    guard isFrozen, Self.isLocked(modality, setup) else { return nil }
    self.modality = modality
    tokens = setup.trained.objective.looksAtFeaturesOnly ? .pooled : .all
    (model, engine, encoder) = (setup.model, setup.engine, SeparateEncoder(setup.engine))
  }

  /// The engine knows it: nothing that goes into the states asks for a gradient.
  private static func isLocked(_ modality: Modality, _ setup: RunSetup) -> Bool {
    let tape = Tape(setup.engine)
    let shape = setup.model.description.inputs
    switch modality {
    case .image, .audio:
      guard modality == shape.images.modality else { return false }
      let images = setup.engine.blankImages(1, of: shape.images)
      let encoder = (setup.model as? any ImageModel)?.imageEncoder
      return encoder.map { !$0(images, .all, tape).states.requiresGradient } ?? false
    case .text:
      let text = PackedText([[shape.text.endToken ?? 0]])
      let encoder = (setup.model as? any TextModel)?.textEncoder
      return encoder.map { !$0(text, .all, tape).states.requiresGradient } ?? false
    }
  }

  // MARK: A batch

  /// The states of a batch that is trained on: those that are kept, or else computed now; the same bits either way.
  /// - Parameter images: of the batch; not read where states are kept.
  func states(of batch: Batch, _ images: ImageInput, _ text: PackedText) -> Encoding {
    guard let kept else {
      return modality == .text ? states(of: text, tokens) : states(of: images, tokens)
    }
    let numbers = modality == .text ? batch.columns.captions?.numbers : nil
    let segments = batch.samples.enumerated().compactMap { place, sample in
      let own = kept.segments(of: sample..<sample + 1)
      return own.isEmpty ? nil : own.lowerBound + (numbers?[place] ?? 0)
    }
    return kept.encoding(segments, engine)
  }

  /// The kept states of some photos of the split that is evaluated on, or of all their captions; nil where none are kept.
  var evaluationStates: ((Range<Int>) -> Encoding)? {
    keptForEvaluation.map { kept in { kept.encoding(kept.segments(of: $0), self.engine) } }
  }

  // MARK: A chunk of a split

  /// What its tower reads of the data.
  var columns: ColumnSet { ColumnSet(modality.taskColumns).seen(as: model.description.images) }

  /// What is kept of a chunk.
  func states(of chunk: EvaluationChunk, _ tokens: EncodedTokens) -> StatesChunk {
    StatesChunk(
      encoding(of: chunk, tokens),
      segmentCounts: modality == .text
        ? chunk.columns.captions?.counts ?? []
        : chunk.columns.imagePlaces(model.description.images, count: chunk.count).map { $0 == nil ? 0 : 1 })
  }

  /// The states of a chunk's photos, or of their captions.
  func encoding(of chunk: EvaluationChunk, _ tokens: EncodedTokens) -> Encoding {
    switch modality {
    case .image, .audio:
      return states(of: engine.images(chunk.columns, model.description.images), tokens)
    case .text:
      guard let captions = chunk.columns.captions else { preconditionFailure("a text tower reads captions") }
      return states(of: PackedText(captions), tokens)
    }
  }

  private func states(of images: ImageInput, _ tokens: EncodedTokens) -> Encoding {
    guard let model = model as? any ImageModel else { preconditionFailure("an image tower is of an image model") }
    guard images.count > 0 else {
      return Encoding(states: engine.zeros([0, model.imageEncoder.width]), offsets: [0], pooledRows: [])
    }
    return encoder(model.imageEncoder, images, tokens)
  }

  private func states(of texts: PackedText, _ tokens: EncodedTokens) -> Encoding {
    guard let model = model as? any TextModel else { preconditionFailure("a text tower is of a text model") }
    return encoder(model.textEncoder, texts, tokens)
  }

  /// Bytes of the states of a photo or a caption, the latter taken as usual.
  func bytesOfSegment(_ tokens: EncodedTokens) -> Int {
    let shape = model.description.inputs
    let encoding: Encoding
    switch modality {
    case .image, .audio: encoding = states(of: engine.blankImages(1, of: shape.images), tokens)
    case .text:
      let count = min(BatchShapes.usualTextTokens, shape.text.contextLength)
      let usual = [Int32](repeating: shape.text.endToken ?? 0, count: count)
      encoding = states(of: PackedText([usual]), tokens)
    }
    return encoding.states.byteCount
  }
}

extension Modality {
  /// What a task names where its tower reads it: a task that names photos means what the model sees in their place.
  var taskColumns: [Column] {
    switch self {
    case .image: [.image]
    case .text: [.captions]
    case .audio: [.image, .audio]
    }
  }
  /// What keys below `initialize` call its tower.
  var towerKey: String { self == .image ? "vision" : rawValue }
  /// As people call its tower.
  var towerName: String { "the \(rawValue) tower" }
  /// What its tower reads.
  var segmentName: String {
    switch self {
    case .image: "photo"
    case .text: "caption"
    case .audio: "audio clip"
    }
  }
}
