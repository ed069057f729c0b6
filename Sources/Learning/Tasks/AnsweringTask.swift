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

  public static func published(_ description: any ModelDescription, answersFile: String?) throws -> AnsweringTask? {
    guard let own = description as? any AnsweringDescription, let count = own.answerCount else { return nil }
    guard let names = try answersFile.map(AnswerChoice.read) ?? own.answers else { return nil }
    if let answersFile, names.count != count {
      throw TaskError.badAnswers(
        path: answersFile,
        problem:
          "it names \(names.count) answers, and the head of this \(own.name) tells \(count); give the list that it was trained with"
      )
    }
    if let answersFile, let named = own.answers, named != names {
      throw TaskError.badAnswers(
        path: answersFile, problem: "it is another list than that of the model's config.json (id2label); leave it out")
    }
    var task = AnsweringTask(TaskSettings(name: name))
    (task.answers, task.isOfModel) = (ClassList(names), true)
    return task
  }

  public var told: (what: String, names: [String])? { ("answers", answers.names) }
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
    try measure(together: [subject], on: dataSet, split: split, progress: progress)
  }

  public func obstacleToMean(with other: AnsweringTask) -> String? {
    if answers != other.answers { return "they choose among other answers" }
    if isExclusive != other.isExclusive { return "of one a single answer is right, of another each by itself" }
    return blind == other.blind ? nil : "one sees what is hidden from the other"
  }

  public func measure(
    together members: [MeasuredModel], on dataSet: PreparedDataSet, split: String,
    progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> AnsweringReport {
    try report(measurement(members, dataSet, split: split)(progress), isThorough: members[0].isThorough)
  }

  func report(_ told: ToldAnswers, isThorough: Bool) throws -> AnsweringReport {
    AnsweringReport(
      metrics: try AnswerMetrics(told.questions, list: answers.names, majority: majority, hasIntervals: isThorough),
      blind: blind)
  }

  func measurement(
    _ members: [MeasuredModel], _ dataSet: PreparedDataSet, split: String
  ) throws -> AnsweringMeasurement {
    let parts = members.compactMap { member in (member.head as? AnsweringHead).map { (subject: member, head: $0) } }
    guard parts.count == members.count else {
      throw TaskError.noReading(task: Self.name, model: members[0].model.description.name)
    }
    try check(dataSet, split: split)
    return AnsweringMeasurement(members: parts, dataSet: dataSet, split: split)
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
