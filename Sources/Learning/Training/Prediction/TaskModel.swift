public import Batching
internal import Calibration
public import Collectives
public import Evaluation
internal import Files
public import Inference
internal import Layers
public import Models
public import Pretrained
internal import Reporting
package import Tasks
public import TensorEngine
internal import Tokenization

/// A model with what its task has put on it, or several of one task together: what is told of new examples is what they were trained to
/// say, of several by the mean of their probabilities.
public struct TaskModel {
  private(set) var members: [TaskMember]
  /// How far what is said of classes is to be believed; nil where nobody has found out. Of several models none of their own is true.
  private let calibration: Calibration?

  /// Nil for a model without a task that has a head of its own.
  /// - Throws: as `LoadedModel`, and `TaskFileError`.
  public init?(
    _ directory: ModelDirectory, precision: InferencePrecision = .fp32, allowsNotFinite: Bool = false, threads: Int,
    spins: Bool = true
  ) throws {
    try self.init(
      directory, TaskCatalogue.task(ofModelIn: directory.path), precision: precision, allowsNotFinite: allowsNotFinite,
      threads: threads, spins: spins)
  }

  /// The same for a task that is known.
  package init?(
    _ directory: ModelDirectory, _ task: any Task, precision: InferencePrecision = .fp32, allowsNotFinite: Bool = false,
    threads: Int, spins: Bool = true
  ) throws {
    try self.init(
      [(directory, task)], precision: precision, allowsNotFinite: allowsNotFinite, threads: threads, spins: spins)
  }

  /// The same for several models, by what a published model's own head says too.
  /// - Parameters:
  ///   - answersFile: the answers of a head whose model names none, one a line.
  ///   - asksWords: whether hidden words are asked for, which such a head does not tell: then there is no task model of a published one.
  public init?(
    _ directories: [ModelDirectory], answersFile: String?, asksWords: Bool, precision: InferencePrecision = .fp32,
    allowsNotFinite: Bool = false, threads: Int, spins: Bool = true
  ) throws {
    if asksWords, answersFile == nil, directories.count == 1, !directories[0].hasTask { return nil }
    let models = try directories.map { (directory: $0, task: try $0.task(answersFile: answersFile)) }
    try self.init(
      models, precision: precision, allowsNotFinite: allowsNotFinite, threads: threads, spins: spins)
  }

  /// The same for several models whose tasks are known.
  /// - Throws: the same, and `EnsembleError` for such as have no mean.
  package init?(
    _ models: [(directory: ModelDirectory, task: any Task)], precision: InferencePrecision = .fp32,
    allowsNotFinite: Bool = false, threads: Int, spins: Bool = true
  ) throws {
    try requireMean(of: models)
    var members: [TaskMember] = []
    for (directory, task) in models {
      guard !task.objectives.isEmpty else { return nil }
      var head: (any TaskHead)?
      let loaded = try LoadedModel(
        directory, precision: precision, allowsNotFinite: allowsNotFinite, threads: threads, spins: spins
      ) { head = try task.makeHead(on: $0, $1[taskHeadPrefix]) }
      guard let predictor = task.predictor(head, directory.tokenizer) else { return nil }
      members.append(TaskMember(loaded: loaded, task: task, predictor: predictor))
    }
    try requireDifferentWeights(members.map(\.loaded))
    self.members = members
    calibration =
      members.count > 1
      ? nil
      : try members[0].predictor.classes.flatMap {
        try Calibration.of(modelIn: models[0].directory.path, classes: $0)
      }
  }

  public var loaded: LoadedModel { members[0].loaded }
  var predictor: any TaskPredictor { members[0].predictor }

  public var notFiniteTensors: [String] { members.flatMap(\.loaded.notFiniteTensors) }
  /// Those of several models that are calibrated by themselves, which says nothing of their mean.
  public var unusedCalibrations: [String] {
    guard members.count > 1 else { return [] }
    return members.map(\.loaded.directory.path).filter { fileExists($0 + "/" + Calibration.fileName) }
  }
  /// Whether it looks at photos, or listens to clips.
  public var readsImages: Bool { predictor.inputs.contains(.image) || hears }
  public var looksAtPhotos: Bool { predictor.inputs.contains(.image) }
  public var hears: Bool { predictor.inputs.contains(.audio) }
  public var readsTexts: Bool { predictor.inputs.contains(.text) }

  /// The same, with texts that are written as somebody asks.
  /// - Throws: `WritingError` for what the model cannot do, or where it writes nothing.
  public func writing(_ request: WritingRequest) throws -> TaskModel {
    var asked = self
    asked.members = try members.map { try $0.writing(request) }
    return asked
  }

  /// How texts are written, in words; nil for a task that writes none.
  public var wayOfWriting: String? { writer?.way }

  private var writer: (any WritingPredictor)? {
    (predictor as? any WritingPredictor).flatMap { $0.writes ? $0 : nil }
  }

  /// How quickly texts were written, and how many were cut; nil for a task that writes none. Collective.
  public func remarkOnWriting(_ written: WrittenCounts, _ communicator: any Communicator) throws -> String? {
    guard let writer else { return nil }
    let seconds = try communicator.maximum(writer.clock.seconds, "seconds of writing")
    return "\(wordsOfSpeed(written, seconds: seconds)); \(writer.way); \(written.cut) were cut there"
  }

  /// Texts that are longer than a model reads, and are cut.
  public func cutTexts(_ texts: [String]) -> Int {
    members.map { $0.loaded.cutTexts(texts) }.max() ?? 0
  }

  /// What is told of every photo with every text, as it is done; of a modality that is not read there is nothing to give. The same on any
  /// number of ranks. Collective.
  /// - Parameters:
  ///   - top: choices that are told, at most as many as there are.
  ///   - tell: is given some photos at a time, in their order.
  /// - Throws: `TaskError` for what is missing or too much, what `PhotoRows` throws of photos, and what `tell` throws.
  public func predict(
    _ photos: (any PhotoCollection)?, _ texts: [String], top: Int, _ settings: PhotoEncoding = PhotoEncoding(),
    _ communicator: any Communicator = SoloCommunicator(), tell: (PredictedExamples) throws -> Void
  ) throws {
    try check(photos, texts)
    let read = members.map { $0.read(readsTexts ? texts : []) }
    guard let photos, readsImages else {
      let rows = zip(members, read).map { $0.numbers(AskedSamples(), texts: $1, count: texts.count) }
      return try tell(PredictedExamples(told: [told(rows.map { $0[...] }, texts, lacks: true, top: top)]))
    }
    let width = max(texts.count, 1) * predictor.width
    let streams = try members.map { try PhotoRows($0.loaded, photos, width: width, settings, communicator) }
    while let part = try next(streams, photos, read, count: texts.count) {
      // A photo that one model cannot read is told by none.
      let places = part[0].places.filter { place in part.allSatisfy { $0.places.contains(place) } }
      var predicted = PredictedExamples(
        told: places.map { place in
          told(
            part.map { $0.features[$0.places.firstIndex(of: place) ?? 0] }, texts, lacks: lacks(photos, place), top: top
          )
        })
      (predicted.places, predicted.shortened) = (places, part[0].shortened)
      predicted.shortenedClips = part[0].shortenedClips
      predicted.problems = part.flatMap(\.problems).sorted { $0.place < $1.place }.withoutRepeatedPlaces
      try tell(predicted)
    }
  }

  /// All of that at once.
  public func predict(
    _ photos: (any PhotoCollection)?, _ texts: [String], top: Int, _ settings: PhotoEncoding = PhotoEncoding(),
    _ communicator: any Communicator = SoloCommunicator()
  ) throws -> PredictedExamples {
    var parts: [PredictedExamples] = []
    try predict(photos, texts, top: top, settings, communicator) { parts.append($0) }
    var all = PredictedExamples(told: parts.flatMap(\.told))
    (all.places, all.problems) = (parts.flatMap(\.places), parts.flatMap(\.problems))
    (all.shortened, all.shortenedClips) = (parts.flatMap(\.shortened), parts.flatMap(\.shortenedClips))
    return all
  }

  /// Of the next photos what each member says; nil after the last.
  private func next(
    _ streams: [PhotoRows], _ photos: any PhotoCollection, _ read: [Encoding?], count: Int
  ) throws -> [EncodedPhotos]? {
    let parts = try members.indices.map { number in
      try streams[number].next { images, clips, places in
        let member = members[number]
        let asked = AskedSamples(images, clips, places, of: photos, member.loaded.model)
        return member.numbers(asked, texts: read[number], count: count)
      }
    }
    let known = parts.compactMap(\.self)
    return known.count == parts.count ? known : nil
  }

  /// Of each text.
  /// - Parameter lacks: whether something is not there that is seen or heard of others.
  private func told(
    _ rows: [ArraySlice<Float>], _ texts: [String], lacks: Bool, top: Int
  ) -> [PredictedExample] {
    (0..<max(texts.count, 1)).map { place in
      let own = rows.map { row in
        let first = row.startIndex + place * predictor.width
        return row[first..<first + predictor.width]
      }
      let numbers = predictor.isExclusive.map { pooledLogits(own, isExclusive: $0) } ?? Array(own[0])
      let isComplete = !(readsTexts && texts.isEmpty) && !(readsImages && lacks)
      return PredictedExample(
        predictor.prediction(numbers[...], top: top),
        calibration.map { Referral(numbers, isComplete: isComplete, by: $0) }, of: calibration?.classes ?? [],
        text: texts.isEmpty ? nil : (predictor.textName, texts[place]))
    }
  }
}

extension [PhotoProblem] {
  fileprivate var withoutRepeatedPlaces: [PhotoProblem] {
    indices.filter { $0 == 0 || self[$0].place != self[$0 - 1].place }.map { self[$0] }
  }
}
