public import Batching
public import Evaluation
public import Layers
public import Models
public import Objectives
public import Tokenization

/// Answers to questions about images. A head chooses them among those of a list: the most frequent ones of the split that is trained on, or
/// those that a published model has been trained to give. Or a decoder writes them, or says which of a list is likeliest.
public struct AnsweringTask: Task {
  public static let name = "answering"
  public static let summary =
    "Answers to questions about images, out of a list or written token by token; measured as VQA measures them."
  public static let keys = [
    "task.answers.form", "task.answers.most", "task.answers.file", "task.blind", "task.sampling", "task.smoothing",
  ]

  public func pipelineTag(on model: any ModelDescription) -> String? { "visual-question-answering" }

  let form: TaskSettings.AnswerForm
  /// What is told of, in the order of a head's logits; none where answers are open.
  var answers = ClassList([])
  /// Whether a head of the model's own tells them.
  var isOfModel = false
  /// Whether one answer alone is right, as where each question has one annotator: a softmax in the place of a sigmoid each.
  var isExclusive = false
  /// What is hidden, to know what the other modality tells alone.
  let blind: Modality?
  /// Of the split that was trained on.
  var majority: AnswerMajority?
  /// The share of a written token's target that goes to all tokens alike.
  let smoothing: Double
  /// Makes tokens of the answers that a decoder learns; nil where nothing is learnt.
  var tokenizer: (any Tokenizer)?
  let most: Int
  let file: String?

  public init(_ settings: TaskSettings) {
    (form, blind, smoothing) = (settings.answerForm, settings.blind, settings.smoothing)
    (most, file) = (settings.mostAnswers, settings.answersFile)
  }

  public static func published(_ description: any ModelDescription, answersFile: String?) throws -> AnsweringTask? {
    if let writing = try publishedToWrite(description, answersFile: answersFile) { return writing }
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

  public var told: (what: String, names: [String])? { form == .list ? ("answers", answers.names) : nil }
  public var columns: ColumnSet { blind == .image ? [.questions] : [.image, .questions] }
  public var columnsOfEachSample: ColumnSet { [.questions] }
  public var objectives: [any Objective.Type] {
    form == .list ? [AnsweringObjective.self] : [AnswerWritingObjective.self]
  }

  public static func flaw(in settings: TaskSettings) -> TaskFlaw? {
    if settings.blind == .audio {
      return TaskFlaw("task.blind", "a question is about what is seen; set it to image or text, or leave it out")
    }
    return .classSampling(settings) ?? formFlaw(settings)
  }

  // MARK: Fitting

  public func fitted(
    to dataSet: PreparedDataSet, split: String, on model: any ModelDescription, tell: (String) -> Void
  ) throws -> AnsweringTask {
    let asked = try AskedQuestions(dataSet, split: split)
    guard asked.questions.contains(where: { !$0.answers.isEmpty }) else {
      throw TaskError.noAnswers(path: dataSet.path, split: split)
    }
    var fitted = self
    fitted.majority = AnswerMajority(asked.questions.map { ($0.answers, $0.kinds) })
    guard form != .open else {
      tell(asked.sentenceOfOpenAnswers)
      return fitted
    }
    let own = form == .list ? model.make(ParameterBuilder()) as? any AnsweringModel : nil
    let list = try AnswerChoice(file: file, most: most, own?.answers, asked)
    (fitted.answers, fitted.isOfModel) = (ClassList(list.answers), own.map(list.isTold) ?? false)
    guard fitted.answers.count > 1 else {
      throw TaskError.oneClass(path: dataSet.path, split: split, column: "an answer", name: list.answers.first)
    }
    fitted.isExclusive = form == .list && !fitted.isOfModel && asked.questions.allSatisfy { $0.answers.count <= 1 }
    tell(asked.sentence(list, fitted.answers, isOfModel: fitted.isOfModel))
    if form == .ranked { tell(AnswerWritingPredictor.sentence(ofRanking: fitted.answers.count)) }
    return fitted
  }

  public var withoutFigures: AnsweringTask {
    var task = self
    task.majority = nil
    return task
  }

  public func check(_ dataSet: PreparedDataSet, split: String) throws {
    try dataSet.require(columns, split: split)
    guard try AskedQuestions(dataSet, split: split).questions.contains(where: { !$0.answers.isEmpty }) else {
      throw TaskError.noAnswers(path: dataSet.path, split: split)
    }
  }

  // MARK: Head

  public func makeHead(on model: any Model, _ builder: ParameterBuilder) throws -> (any TaskHead)? {
    guard form == .list else { return try AnswerWritingHead(self, model) }
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
    if form != .list || other.form != .list { return "answers are written by one of them, and texts have no mean" }
    if answers != other.answers { return "they choose among other answers" }
    if isExclusive != other.isExclusive { return "of one a single answer is right, of another each by itself" }
    return blind == other.blind ? nil : "one sees what is hidden from the other"
  }

  public func measure(
    together members: [MeasuredModel], on dataSet: PreparedDataSet, split: String,
    progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> AnsweringReport {
    let told = try told(members, dataSet, split: split, progress: progress)
    var report = try report(told, isThorough: members[0].isThorough)
    if members[0].shown > 0 {
      report.exhibits = try exhibits(told, report.metrics, of: dataSet, split: split, showing: members[0].shown)
    }
    return report
  }

  func report(_ told: ToldAnswers, isThorough: Bool) throws -> AnsweringReport {
    var report = AnsweringReport(
      metrics: try AnswerMetrics(
        told.questions, list: form == .open ? nil : answers.names, majority: majority, hasIntervals: isThorough),
      blind: blind)
    (report.way, report.cut) = (told.way, told.cut)
    return report
  }

  /// What models answer to the questions of a split, whatever it is that tells it.
  func told(
    _ members: [MeasuredModel], _ dataSet: PreparedDataSet, split: String,
    progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> ToldAnswers {
    guard form != .list else { return try measurement(members, dataSet, split: split)(progress) }
    try check(dataSet, split: split)
    return try AnswerWritingMeasurement(members[0], dataSet, split: split)(progress)
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
    if let head = head as? AnswerWritingHead { return AnswerWritingPredictor(head, tokenizer) }
    return (head as? AnsweringHead).map { AnsweringPredictor(head: $0) }
  }
}

/// How well questions of a split are answered.
public struct AnsweringReport: TaskReport {
  public let metrics: AnswerMetrics
  /// What was hidden.
  public let blind: Modality?
  /// How a decoder has told answers; nil for a head that chooses.
  public var way: String?
  /// How many that were written the model had not ended by itself.
  public var cut: Int?
  /// For a page, where somebody asked.
  public var exhibits: [Exhibit] = []

  public func encode(to encoder: any Encoder) throws {
    try metrics.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(blind?.rawValue, forKey: .blind)
    try container.encodeIfPresent(way, forKey: .way)
    try container.encodeIfPresent(cut, forKey: .cut)
  }

  private enum CodingKeys: String, CodingKey { case blind, way, cut }
}
