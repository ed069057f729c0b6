public import Batching
public import Evaluation
public import Layers
public import Models
public import Objectives
public import Tokenization

/// Answers to questions about images, chosen among those of a list: the most frequent ones of the split that is trained on, or those that a
/// published model has been trained to give.
public struct AnsweringTask: Task {
  public static let name = "answering"
  public static let summary = "Answers to questions about images, out of a list; measured as VQA measures them."
  public static let keys = ["task.answers.most", "task.answers.file", "task.blind", "task.sampling"]

  /// What is told, in the order of the logits.
  private(set) var answers = ClassList([])
  /// Whether a head of the model's own tells them.
  private(set) var isOfModel = false
  /// Whether one answer alone is right, as where each question has one annotator: a softmax in the place of a sigmoid each.
  private(set) var isExclusive = false
  /// What is hidden, to know what the other modality tells alone.
  let blind: Modality?
  /// Of the split that was trained on.
  private(set) var majority: AnswerMajority?
  private let most: Int
  private let file: String?

  public init(_ settings: TaskSettings) {
    (blind, most, file) = (settings.blind, settings.mostAnswers, settings.answersFile)
  }

  private enum CodingKeys: String, CodingKey {
    case blind, majority
    case answers = "id2label"
    case isOfModel = "of_model"
    case isExclusive = "exclusive"
  }

  public init(from decoder: any Decoder) throws {
    let facts = try decoder.container(keyedBy: CodingKeys.self)
    answers = try facts.decode(ClassList.self, forKey: .answers)
    isOfModel = try facts.decode(Bool.self, forKey: .isOfModel)
    isExclusive = try facts.decode(Bool.self, forKey: .isExclusive)
    blind = try facts.decodeIfPresent(String.self, forKey: .blind).flatMap { Modality(rawValue: $0) }
    majority = try facts.decodeIfPresent(AnswerMajority.self, forKey: .majority)
    (most, file) = (answers.count, nil)
  }

  public func encode(to encoder: any Encoder) throws {
    var facts = encoder.container(keyedBy: CodingKeys.self)
    try facts.encode(answers, forKey: .answers)
    try facts.encode(isOfModel, forKey: .isOfModel)
    try facts.encode(isExclusive, forKey: .isExclusive)
    try facts.encodeIfPresent(blind?.rawValue, forKey: .blind)
    try facts.encodeIfPresent(majority, forKey: .majority)
  }

  public var columns: ColumnSet { blind == .image ? [.questions] : [.image, .questions] }
  public var columnsOfEachSample: ColumnSet { [.questions] }
  public var objectives: [any Objective.Type] { [AnsweringObjective.self] }

  public static func flaw(in settings: TaskSettings) -> TaskFlaw? { .classSampling(settings) }

  // MARK: Fitting

  public func fitted(
    to dataSet: PreparedDataSet, split: String, on model: any ModelDescription, tell: (String) -> Void
  ) throws -> AnsweringTask {
    let asked = try AskedQuestions(dataSet, split: split)
    guard asked.questions.contains(where: { !$0.answers.isEmpty }) else {
      throw TaskError.noAnswers(path: dataSet.path, split: split)
    }
    let own = model.make(ParameterBuilder()) as? any AnsweringModel
    var fitted = self
    fitted.majority = AnswerMajority(asked.questions.map { ($0.answers, $0.kinds) })
    let list = try AnswerChoice(file: file, most: most, own?.answers, asked)
    (fitted.answers, fitted.isOfModel) = (ClassList(list.answers), own.map(list.isTold) ?? false)
    guard fitted.answers.count > 1 else {
      throw TaskError.oneClass(path: dataSet.path, split: split, column: "an answer", name: list.answers.first)
    }
    fitted.isExclusive = !fitted.isOfModel && asked.questions.allSatisfy { $0.answers.count <= 1 }
    tell(asked.sentence(list, fitted.answers, isOfModel: fitted.isOfModel))
    return fitted
  }

  public func check(_ dataSet: PreparedDataSet, split: String) throws {
    try dataSet.require(columns, split: split)
    guard try AskedQuestions(dataSet, split: split).questions.contains(where: { !$0.answers.isEmpty }) else {
      throw TaskError.noAnswers(path: dataSet.path, split: split)
    }
  }

  // MARK: Head

  public func makeHead(on model: any Model, _ builder: ParameterBuilder) throws -> (any TaskHead)? {
    guard let reader = PooledReader(model, reading: modalities, builder) else {
      throw TaskError.noReading(task: Self.name, model: model.description.name)
    }
    guard isOfModel else {
      return AnsweringHead(self, .ofTask(ClassHead(reader, outputs: answers.count, .perceptron, builder)))
    }
    let own = (model as? any AnsweringModel)?.answerCount
    guard own == answers.count else {
      throw TaskError.otherAnswers(model: model.description.name, own: own, wanted: answers.count)
    }
    return AnsweringHead(self, .ofModel(reader))
  }

  public func measure(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> AnsweringReport {
    try report(measurement(subject, dataSet, split: split)(progress), isThorough: subject.isThorough)
  }

  func report(_ told: ToldAnswers, isThorough: Bool) throws -> AnsweringReport {
    AnsweringReport(
      metrics: try AnswerMetrics(told.questions, list: answers.names, majority: majority, hasIntervals: isThorough),
      blind: blind)
  }

  func measurement(
    _ subject: MeasuredModel, _ dataSet: PreparedDataSet, split: String
  ) throws -> AnsweringMeasurement {
    guard let head = subject.head as? AnsweringHead else {
      throw TaskError.noReading(task: Self.name, model: subject.model.description.name)
    }
    try check(dataSet, split: split)
    return AnsweringMeasurement(subject: subject, head: head, dataSet: dataSet, split: split)
  }

  public func predictor(_ head: (any TaskHead)?, _ tokenizer: any Tokenizer) -> (any TaskPredictor)? {
    (head as? AnsweringHead).map { AnsweringPredictor(head: $0) }
  }
}

/// How well questions of a split are answered.
public struct AnsweringReport: TaskReport {
  public let metrics: AnswerMetrics
  /// What was hidden.
  public let blind: Modality?

  public func encode(to encoder: any Encoder) throws {
    try metrics.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(blind?.rawValue, forKey: .blind)
  }

  private enum CodingKeys: String, CodingKey { case blind }
}
