internal import Batching
internal import Collectives
internal import Configuration
internal import Images
internal import Models
internal import Objectives
internal import Randomness
internal import Tasks
internal import TensorEngine
internal import Tokenization

/// The pairs that a benchmark of training steps computes with.
public enum MeasuredPairs: Sendable {
  /// The first batch of the training split, in file-name order with the first captions, without augmentation.
  case dataSet(path: String)
  /// Random images and tokens, the same every time; captions have these many tokens in turn, the end token included.
  case random(captionLengths: [Int])

  /// A model and this rank's part of the batch; collective.
  /// - Parameter rehearses: as in `ModelSetup`, of random pairs; their images are then not filled.
  func load(
    _ configuration: RunConfiguration, threads: Int, _ communicator: any Communicator, rehearses: Bool = false
  ) throws -> (setup: ModelSetup, batch: StepBatch) {
    switch self {
    case .dataSet(let path):
      let setup = try RunSetup(configuration, dataPath: path, threads: threads, communicator)
      let loader = try BatchLoader(
        dataSet: setup.dataSet, tokenizer: setup.tokenizer, preprocessing: setup.preprocessing,
        settings: LoaderSettings(
          split: configuration.data.split,
          columns: setup.columns.seen(as: setup.model.description.images),
          frames: setup.model.description.images.frames,
          contextLength: setup.model.description.texts.contextLength,
          regionLimits: setup.model.description.images.regionLimits,
          augmentation: .none, clips: setup.clips, choice: .first, shuffle: false,
          globalBatch: configuration.batch.global,
          rank: communicator.rank, ranks: communicator.size, workers: 1))
      return (setup.trained, setup.stepBatch(try loader.next(), step: 0))
    case .random(let lengths):
      let task = TaskCatalogue.task(configuration.task)
      guard task.columns.without(.image).without(.captions) == [], task.told?.names.isEmpty != true else {
        throw TrainingError.unsupported(
          key: "task.name",
          what: "random pairs are images with captions, and this task needs other data; name a data set (--data)")
      }
      let planned = try configuration.model(in: .measured)
      let setup = try ModelSetup(
        planned.configuration, planned.description, objective: planned.objective, task: task,
        vocabulary: .numbers(planned.description.texts), threads: threads, communicator, rehearses: rehearses)
      return (setup, try setup.randomBatch(configuration.batch.global, captionLengths: lengths))
    }
  }
}

extension ModelSetup {
  /// This rank's part of a batch of random pairs that all differ; a pair's numbers depend on its place in the global batch
  /// only.
  /// - Parameter captionLengths: tokens of the captions, in turn, the end token included.
  func randomBatch(_ globalCount: Int, captionLengths: [Int]) throws(RegionFault) -> StepBatch {
    let (layout, description) = (layout(ofBatch: globalCount), model.description)
    let pairs = layout.local
    let images = engine.images(pairs.count, of: description.images) { [engine] place, values in
      guard !engine.isRehearsing else { return }
      var random = RandomStream(seed: 1, UInt64(pairs.lowerBound + place))
      for index in values.indices { values[index] = random.normal() }
    }
    let endToken = description.texts.closingToken
    let captions = pairs.map { pair -> [Int32] in
      var random = RandomStream(seed: 2, UInt64(pair))
      let length = captionLengths[pair % captionLengths.count]
      return (1..<length).map { _ in Int32(random.integer(below: Int(endToken))) } + [endToken]
    }
    var columns = BatchColumns()
    if case .regions(let shape) = description.images, let classes = shape.classes {
      var regions: [RegionFeatures?] = []
      for pair in pairs { regions.append(try randomRegions(pair, shape.limit, classes: classes)) }
      columns.regions = regions
    }
    return StepBatch(
      images: images,
      text: PackedText(captions),
      photos: pairs.map { UInt64($0) }, captions: pairs.map { UInt64($0) }, columns: columns, layout: layout, step: 0)
  }

  /// Of a pair: what an objective may ask of regions beside their features. Their probabilities are about equal.
  private func randomRegions(_ pair: Int, _ count: Int, classes: Int) throws(RegionFault) -> RegionFeatures {
    var random = RandomStream(seed: 3, UInt64(pair))
    let shares = (0..<count * classes).map { _ in Float16((0.5 + random.uniform()) / Float(classes)).bitPattern }
    return try RegionFeatures(
      features: [UInt16](repeating: 0, count: count), boxes: (0..<count).flatMap { _ in [0, 0, 1, 1] },
      probabilities: shares)
  }
}

extension TextShape {
  /// What closes the texts of a measurement: the model's own token, or the last of the vocabulary.
  fileprivate var closingToken: Int32 {
    let largest = Int32(vocabularySize - 1)
    guard let endToken, endToken != Self.largestTokenEnds, endToken <= largest else { return largest }
    return endToken
  }
}

extension MaskingVocabulary {
  /// Of tokens that are numbers and no words, the first of which hides others.
  fileprivate static func numbers(_ shape: TextShape) -> MaskingVocabulary {
    MaskingVocabulary(
      tokens: [[UInt8]](repeating: [], count: shape.vocabularySize), mask: 0, start: 0,
      specials: [0, shape.closingToken])
  }
}
