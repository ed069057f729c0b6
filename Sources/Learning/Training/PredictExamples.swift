public import Batching
internal import Calibration
public import Collectives
public import Inference
internal import Layers
internal import Models
public import Pretrained
public import Reporting
package import Tasks
public import TensorEngine
internal import Tokenization

/// A model with what its task has put on it: what it says of new examples is what it was trained to say.
public struct TaskModel {
  public let loaded: LoadedModel
  private let predictor: any TaskPredictor
  /// How far what it says of classes is to be believed; nil where nobody has found out.
  private let calibration: Calibration?

  /// Nil for a model without a task that has a head of its own.
  /// - Throws: as `LoadedModel`, and `TaskFileError`.
  public init?(
    _ directory: ModelDirectory, precision: Precision = .fp32, allowsNotFinite: Bool = false, threads: Int,
    spins: Bool = true
  ) throws {
    try self.init(
      directory, TaskCatalogue.task(ofModelIn: directory.path), precision: precision, allowsNotFinite: allowsNotFinite,
      threads: threads, spins: spins)
  }

  /// The same for a task that is known.
  package init?(
    _ directory: ModelDirectory, _ task: any Task, precision: Precision = .fp32, allowsNotFinite: Bool = false,
    threads: Int, spins: Bool = true
  ) throws {
    guard !task.objectives.isEmpty else { return nil }
    var head: (any TaskHead)?
    loaded = try LoadedModel(
      directory, precision: precision, allowsNotFinite: allowsNotFinite, threads: threads, spins: spins
    ) { head = try task.makeHead(on: $0, $1[taskHeadPrefix]) }
    guard let predictor = task.predictor(head, directory.tokenizer) else { return nil }
    self.predictor = predictor
    calibration = try predictor.classes.flatMap { try Calibration.of(modelIn: directory.path, classes: $0) }
  }

  public var readsImages: Bool { predictor.inputs.contains(.image) }
  public var readsTexts: Bool { predictor.inputs.contains(.text) }

  /// What is told of every photo with every text; of a modality that is not read there is nothing to give. The same on any number of
  /// ranks. Collective.
  /// - Parameter top: choices that are told, at most as many as there are.
  /// - Throws: `TaskError` for what is missing or too much, and what `LoadedModel.rows` throws of photos.
  public func predict(
    _ photos: (any PhotoCollection)?, _ texts: [String], top: Int, _ settings: PhotoEncoding = PhotoEncoding(),
    _ communicator: any Communicator = SoloCommunicator()
  ) throws -> PredictedExamples {
    try check(photos, texts)
    let limit = loaded.contextLength
    let ids = texts.map { loaded.directory.tokenizer.encode($0, limit: limit) }
    let read = readsTexts ? predictor.encoded(PackedText(ids), loaded.model, loaded.tape()) : nil
    guard let photos, readsImages else {
      let samples = texts.indices.map { PooledReader.Sample(image: nil, text: $0) }
      let numbers = predictor.numbers(loaded.model, images: nil, texts: read, samples, loaded.tape()).values()
      return PredictedExamples(told: [told(numbers[...], top: top)])
    }
    let queries = max(texts.count, 1)
    let rows = try loaded.rows(of: photos, width: queries * predictor.width, settings, communicator) { images in
      let tape = loaded.tape()
      let seen = (loaded.model as? any ImageModel)?.imageEncoder(images, predictor.tokens, tape)
      let samples = (0..<images.count).flatMap { image in
        (0..<queries).map { PooledReader.Sample(image: image, text: read == nil ? nil : $0) }
      }
      return predictor.numbers(loaded.model, images: seen, texts: read, samples, tape).values()
    }
    var predicted = PredictedExamples(
      told: (0..<rows.features.count).map { told(Array(rows.features[$0])[...], top: top) })
    (predicted.places, predicted.problems, predicted.animated) = (rows.places, rows.problems, rows.animated)
    return predicted
  }

  /// Of each text.
  private func told(_ numbers: ArraySlice<Float>, top: Int) -> [PredictedExample] {
    stride(from: numbers.startIndex, to: numbers.endIndex, by: predictor.width).map {
      let own = numbers[$0..<$0 + predictor.width]
      let (said, referral) = (
        predictor.prediction(own, top: top), calibration.map { Referral(Array(own), by: $0).told(of: $0.classes) }
      )
      return PredictedExample(
        members: said.members + (referral?.members ?? []), lines: said.lines + (referral?.lines ?? []))
    }
  }

  private func check(_ photos: (any PhotoCollection)?, _ texts: [String]) throws {
    let path = printable(loaded.directory.path)
    if readsImages, photos == nil {
      throw TaskError.missingInput(what: "\(path) looks at photos; give some with --image")
    }
    if readsTexts, texts.isEmpty { throw TaskError.missingInput(what: "\(path) reads texts; give some with --text") }
    if !readsImages, photos != nil {
      throw TaskError.missingInput(what: "\(path) looks at no photos, but at texts alone; leave --image out")
    }
    if !readsTexts, !texts.isEmpty {
      throw TaskError.missingInput(what: "\(path) reads no texts, but looks at photos alone; leave --text out")
    }
    if let empty = texts.first(where: { loaded.directory.tokenizer.encodeBody($0, limit: 1).isEmpty }) {
      throw InferenceError.noWords(text: empty)
    }
  }
}

/// What a model's task says of examples.
public struct PredictedExamples: Sendable {
  /// The place in the collection of each photo that was looked at; none where the task looks at no photos.
  public var places: [Int] = []
  /// Of each photo, or once where there are none, what is told with each text, or once where there are none.
  public let told: [[PredictedExample]]
  public var problems: [PhotoProblem] = []
  /// The names of those that have more frames than the first, which is the one that counts.
  public var animated: [String] = []

  init(told: [[PredictedExample]]) { self.told = told }
}

/// What is told of one example.
public struct PredictedExample: Sendable {
  /// For programs.
  public let members: [(String, OrderedJSON)]
  /// For people, a line each.
  public let lines: [String]
}
