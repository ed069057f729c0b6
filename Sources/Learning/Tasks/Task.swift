public import Audio
public import Batching
public import Collectives
public import Evaluation
public import Images
public import Layers
public import Models
public import Objectives
public import TensorEngine
public import Tokenization

/// What a run is for: what it reads, what it puts on a model, what it learns by, how a split is measured. A file each;
/// `TaskCatalogue` lists them. The training loop, checkpoints and commands know nothing else of it.
public protocol Task: Codable, Sendable {
  associatedtype Report: TaskReport

  /// As `task.name` of a configuration calls it.
  static var name: String { get }
  /// What it is, in a sentence.
  static var summary: String { get }
  /// The configuration's keys below `task` that mean something to it, beside its name.
  static var keys: [String] { get }
  /// What of its settings it cannot do, as far as they tell by themselves; nil where it can do all.
  static func flaw(in settings: TaskSettings) -> TaskFlaw?
  /// Whether its modalities can be told apart, and kept in balance.
  static var hasApartHeads: Bool { get }

  /// - Parameter settings: without a flaw.
  init(_ settings: TaskSettings)

  /// The task that a model's own head was published for; nil where it has none for it.
  /// - Parameter answersFile: the answers of a head whose model names none, one a line.
  /// - Throws: where a list is none, or is not the head's.
  static func published(_ description: any ModelDescription, answersFile: String?) throws -> Self?

  /// What it tells apart: what these are called together, and their names in the order of the logits; nil where it tells no such.
  var told: (what: String, names: [String])? { get }

  /// What models do that were trained for it, as the hub calls it (huggingface.co/tasks); nil where it has no name for that.
  func pipelineTag(on model: any ModelDescription) -> String?

  /// What it reads of the data.
  var columns: ColumnSet { get }
  /// What of it every sample that is trained on must have.
  var columnsOfEachSample: ColumnSet { get }
  /// Why samples cannot be mixed two by two for it, behind its name; nil where they can.
  var obstacleToMixing: String? { get }
  /// Why texts cannot lack words for it, behind its name; nil where they can.
  var obstacleToWordDrop: String? { get }
  /// What it looks at and a sample may lack: then something that is learnt stands in its place.
  var lacking: [Modality] { get }
  /// Losses of its own, each with weight 1. A task without any learns by those that the configuration weighs.
  var objectives: [any Objective.Type] { get }

  /// The same task with what it must know of the data that it is trained on: the classes of a label, the answers.
  /// - Parameters:
  ///   - model: that it will be put on.
  ///   - tell: is told what was decided that nobody stated, a sentence each.
  func fitted(
    to dataSet: PreparedDataSet, split: String, on model: any ModelDescription, tell: (String) -> Void
  ) throws -> Self

  /// The same task without figures of the samples that it is trained on, which a private run tells nobody.
  var withoutFigures: Self { get }

  /// The same task with what it must know of the tokenizer of a run, which makes tokens of texts of its own: a prompt, answers.
  /// - Throws: `TaskError` for texts that the model has no room for.
  func fitted(to tokenizer: any Tokenizer, on model: any ModelDescription) throws -> Self

  /// The same task of a model that writes answers, which chooses among those of a file, one a line; nil for another.
  func choosing(amongThoseOf file: String) throws -> Self?

  /// Refuses a split that it is to be measured on and cannot be.
  func check(_ dataSet: PreparedDataSet, split: String) throws

  /// Whether each sample of a split teaches anything; nil where all do.
  func teaches(from dataSet: PreparedDataSet, split: String) throws -> [Bool]?

  /// Samples that are drawn in turn, group after group, so that each group is drawn equally often; nil draws each sample once an
  /// epoch.
  func drawnInTurn(from dataSet: PreparedDataSet, split: String) throws -> [[Int]]?

  /// What it puts on a model; nil where the model predicts by itself.
  /// - Parameter builder: of the head's parameters.
  func makeHead(on model: any Model, _ builder: ParameterBuilder) throws -> (any TaskHead)?

  /// Measures a model on a split; collective. The work is shared by the ranks, and the result is the same on any number of
  /// them.
  /// - Parameter progress: what this rank has done of its part.
  /// - Throws: `EvaluationCut.Request` on all ranks where it was cut off.
  func measure(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> Report

  /// What keeps what models say from having a mean, of which one was trained for this and another for another task of the kind; nil where
  /// nothing does.
  func obstacleToMean(with other: Self) -> String?

  /// Measures several models together that nothing keeps from it, by the mean of their probabilities; collective.
  func measure(
    together members: [MeasuredModel], on dataSet: PreparedDataSet, split: String,
    progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> Report

  /// What a model says of the classes of a split, sample by sample, on every rank; nil for a task that tells no classes. Collective.
  func classPredictions(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> ClassPredictions?

  /// What it looks at, for a task that tells classes or answers of each sample.
  var modalities: [Modality] { get }
  /// What of it may be taken away from samples on a model: something stands in its place.
  func replaceable(on model: any ModelDescription) -> [Modality]
  /// Whether another one tells the very same, of nothing that this one does not look at: then the two may be compared.
  func isComparable(with other: any Task) -> Bool

  /// How right a model is of each sample of a split, with what stands beside it; nil for a task that tells neither classes nor answers.
  /// Collective.
  func judge(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> JudgedModel?

  /// What a model says of a split where an image or a text is another sample's, or changed, to know what it makes of both together; nil for
  /// a task that does not tell classes or answers from several modalities. Collective.
  /// - Parameter rewordings: texts that say the same; nil where nobody names any.
  func fusionScores(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, rewordings: Rewordings?,
    progress: @escaping (_ done: Int, _ total: Int) -> Void
  ) throws -> FusionScores?

  /// What tells of new examples what the task's head says; nil where it has none.
  func predictor(_ head: (any TaskHead)?, _ tokenizer: any Tokenizer) -> (any TaskPredictor)?
}

extension Task {
  public static func published(_ description: any ModelDescription, answersFile: String?) throws -> Self? { nil }
  public var told: (what: String, names: [String])? { nil }
  public var withoutFigures: Self { self }
  public var columnsOfEachSample: ColumnSet { [] }
  public var obstacleToMixing: String? { "has no classes that two samples could share" }
  public var obstacleToWordDrop: String? { "reads no texts that may lack words" }
  public var lacking: [Modality] { [] }
  public var objectives: [any Objective.Type] { [] }
  public static var keys: [String] { [] }
  public static func flaw(in settings: TaskSettings) -> TaskFlaw? { nil }
  public static var hasApartHeads: Bool { false }
  public func fitted(
    to dataSet: PreparedDataSet, split: String, on model: any ModelDescription, tell: (String) -> Void
  ) throws -> Self { self }
  public func fitted(to tokenizer: any Tokenizer, on model: any ModelDescription) throws -> Self { self }
  public func choosing(amongThoseOf file: String) throws -> Self? { nil }
  public func check(_ dataSet: PreparedDataSet, split: String) throws {}
  public func teaches(from dataSet: PreparedDataSet, split: String) throws -> [Bool]? { nil }
  public func drawnInTurn(from dataSet: PreparedDataSet, split: String) throws -> [[Int]]? { nil }
  public func makeHead(on model: any Model, _ builder: ParameterBuilder) throws -> (any TaskHead)? { nil }
  public func obstacleToMean(with other: Self) -> String? { "nobody knows what the mean of their predictions would be" }
  public func measure(
    together members: [MeasuredModel], on dataSet: PreparedDataSet, split: String,
    progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> Report {
    precondition(members.count == 1, "models without a mean are measured together")
    return try measure(members[0], on: dataSet, split: split, progress: progress)
  }
  public func classPredictions(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> ClassPredictions? { nil }
  public func pipelineTag(on model: any ModelDescription) -> String? { nil }
  public var modalities: [Modality] { [] }
  public func replaceable(on model: any ModelDescription) -> [Modality] { lacking }
  public func isComparable(with other: any Task) -> Bool { false }
  public func judge(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> JudgedModel? { nil }
  public func fusionScores(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, rewordings: Rewordings?,
    progress: @escaping (_ done: Int, _ total: Int) -> Void
  ) throws -> FusionScores? { nil }
  public func predictor(_ head: (any TaskHead)?, _ tokenizer: any Tokenizer) -> (any TaskPredictor)? { nil }
}

/// The tasks that there are: the only list of them.
public enum TaskCatalogue {
  private static var all: [any Task.Type] {
    [
      PretrainingTask.self, ClassificationTask.self, AnsweringTask.self, GroundingTask.self, CaptioningTask.self,
    ]
  }
  public static let names = all.map { $0.name }

  /// What a run does where nobody names a task.
  public static let usual: any Task = PretrainingTask(usualSettings)
  public static let usualSettings = TaskSettings(name: PretrainingTask.name)

  public static func task(_ settings: TaskSettings) -> any Task { known(settings).init(settings) }

  /// What of the settings their task cannot do.
  public static func flaw(in settings: TaskSettings) -> TaskFlaw? { known(settings).flaw(in: settings) }

  /// Whether the task's modalities can be kept in balance.
  public static func hasApartHeads(_ settings: TaskSettings) -> Bool { known(settings).hasApartHeads }

  /// Whether a configuration's key means something to a task: all but those below `task` that are others'.
  public static func hasUse(_ settings: TaskSettings, for key: String) -> Bool {
    !key.hasPrefix("task.") || key == "task.name" || known(settings).keys.contains(key)
  }

  /// The task that a model's own head was published for; nil where it has none.
  /// - Parameter answersFile: the answers of a head whose model names none, one a line.
  public static func published(_ description: any ModelDescription, answersFile: String?) throws -> (any Task)? {
    for kind in all { if let task = try kind.published(description, answersFile: answersFile) { return task } }
    return nil
  }

  private static func known(_ settings: TaskSettings) -> any Task.Type {
    guard let kind = kind(settings.name) else {
      preconditionFailure("the configuration has let the task '\(settings.name)' pass")
    }
    return kind
  }

  static func kind(_ name: String) -> (any Task.Type)? { all.first { $0.name == name } }
}

/// How right a model is of each sample of a split.
public struct JudgedModel {
  /// As `measure` says it.
  public var report: any TaskReport
  public var judged: JudgedSplit
  /// The number of each sample's image or group.
  public var clusters: [Int]
  /// What would be right without looking, by its name.
  public var blind: [BesideMetrics.Other]
  /// Where classes are told, what is said of them.
  public var predictions: ClassPredictions?
}

/// A model with all that is needed to measure it.
public struct MeasuredModel {
  public let model: any Model
  /// What its task has put on it.
  public var head: (any TaskHead)?
  public let tokenizer: any Tokenizer
  public let preprocessing: Preprocessing
  /// How pictures are prepared that keep their shape; nil where they become squares.
  public var shaped: ShapedPreprocessing?
  /// How clips become rows, where the model hears some.
  public let clips: ClipSettings
  public let engine: Engine
  public let communicator: any Communicator
  /// Threads that decode photos.
  public var workers = 1
  /// How many of the best candidates a matching head puts in order; 0 leaves the features' order.
  public var rerankDepth = 0
  /// Most pairs that a matching head scores for retrieval, where the model has no features.
  public var matchedPairs = 10_000
  /// Whether figures get their intervals, and what is told with photos is told with others as well: more than a curve over
  /// epochs needs.
  public var isThorough = false
  /// Photos encoded at once.
  public var chunk = 32
  /// What the encoders make of some photos of the split in a row, or of all their captions, where that is known already: of
  /// all tokens for a model that joins them, of the pooled ones for others.
  public var states: (images: ((Range<Int>) -> Encoding)?, texts: ((Range<Int>) -> Encoding)?) = (nil, nil)
  /// Scores captions that are written beside their images; nil where nobody asks.
  public var judge: (any CaptionJudge)?
  /// How many samples of the split, or searches in it, reports keep to be shown on a page; none where nobody asks.
  public var shown = 0
  /// Takes what is found of single cases, where somebody wants to compare groups of them.
  public var cases: MeasuredCases?
  /// May end the measuring before its end, where that is wanted.
  public var cut: EvaluationCut?
  /// What is taken away from every sample, of what its task says that samples may lack.
  public var without: [Modality] = []
  /// How texts are to be written, by a task that writes any.
  public var writing = WritingRequest()
  /// Of how many samples of the split texts are written where it is not measured thoroughly; the same ones every time.
  public var writtenSamples = 0

  public init(
    _ model: any Model, _ tokenizer: any Tokenizer, _ preprocessing: Preprocessing, clips: AudioPreprocessing? = nil,
    _ engine: Engine, _ communicator: any Communicator
  ) {
    self.clips = ClipSettings(form: .bands(clips ?? model.description.usualClips ?? .ast))
    (self.model, self.tokenizer, self.preprocessing) = (model, tokenizer, preprocessing)
    (self.engine, self.communicator) = (engine, communicator)
  }
}
