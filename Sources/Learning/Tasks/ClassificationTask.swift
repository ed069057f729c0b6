public import Batching
public import Evaluation
public import Layers
public import Models
public import Objectives
public import Tokenization

/// Which class, or which classes, a sample is of, told from its image, its texts, or both.
public struct ClassificationTask: Task {
  public static let name = "classification"
  public static let summary =
    "The classes of one label, from images, texts or both; measured by accuracy and calibration."
  public static let keys = [
    "task.label", "task.inputs", "task.several", "task.smoothing", "task.weights", "task.sampling",
  ]

  /// Nil until it is fitted, where nobody names one.
  private(set) var label: String?
  /// What is looked at: photos, clips, and at most one text.
  private(set) var inputs: [Column]
  /// Whether each modality has a head of its own; nil for no.
  private(set) var apartHeads: Bool?
  let isSeveral: Bool
  /// What samples that it was trained on lack, beside a text of a column of its own; nil where each has all.
  private(set) var absent: [Modality]?
  private(set) var classes = ClassList([])
  /// How it is learnt; what is told does not hang on it.
  private(set) var training = ClassTraining()
  private(set) var balance = BalanceSettings()

  public init(_ settings: TaskSettings) {
    label = settings.label
    inputs = settings.inputs.compactMap(Self.column)
    isSeveral = settings.isSeveral
    training = ClassTraining(settings)
    balance = settings.balance
    apartHeads = balance.hasHeads ? true : nil
  }

  private enum CodingKeys: String, CodingKey {
    case label, inputs, absent
    case isSeveral = "several"
    case apartHeads = "apart_heads"
    case classes = "id2label"
  }

  public var told: (what: String, names: [String])? { ("classes", classes.names) }
  /// Where the text comes from; nil for a task that reads none.
  var textInput: Column? { inputs.first { $0 != .image && $0 != .audio } }

  /// Whether it looks at images, or at what a model has in their place.
  func looksAtImages(of model: any ModelDescription) -> Bool {
    inputs.contains(.image) || inputs.contains(.audio) && model.inputs.clips == nil
  }

  /// Whether it hears clips beside images.
  func hearsBeside(_ model: any ModelDescription) -> Bool { inputs.contains(.audio) && model.inputs.clips != nil }

  public var columns: ColumnSet { ColumnSet(inputs + (label.map { [.labels($0)] } ?? [])) }
  /// A text of a column of its own may be missing, and is then told to be.
  public var columnsOfEachSample: ColumnSet {
    ColumnSet(inputs.filter { $0 == .captions && absent?.contains(.text) != true })
  }
  public var lacking: [Modality] {
    modalities.filter { absent?.contains($0) == true || $0 == .text && !inputs.contains(.captions) }
  }
  public var obstacleToMixing: String? {
    textInput == nil ? nil : "reads texts, and two of these make no third; leave them out of task.inputs"
  }
  public var obstacleToWordDrop: String? {
    textInput == nil ? "reads no texts; name one in task.inputs" : nil
  }
  public var objectives: [any Objective.Type] {
    [ClassificationObjective.self] + (balance.hasHeads ? [ModalityHeadsObjective.self] : [])
  }
  public static let hasApartHeads = true

  // MARK: Settings

  /// The column that an input names.
  private static func column(_ input: String) -> Column? {
    if input == "text" { return .captions }
    switch Column(input) {
    case .image: return .image
    case .audio: return .audio
    case .text(let name): return .text(name)
    default: return nil
    }
  }

  public static func flaw(in settings: TaskSettings) -> TaskFlaw? {
    let key = "task.inputs"
    if let unknown = settings.inputs.first(where: { column($0) == nil }) {
      return TaskFlaw(key, "'\(unknown)' is nothing that is looked at; give image, audio, text or text:NAME")
    }
    let columns = settings.inputs.compactMap(column)
    if columns.isEmpty { return TaskFlaw(key, "names nothing to look at; give image, audio, text or text:NAME") }
    if Set(columns).count < columns.count { return TaskFlaw(key, "names an input twice; name each once") }
    if columns.count(where: { $0 != .image && $0 != .audio }) > 1 {
      return TaskFlaw(key, "names two texts, and a model reads one beside an image; leave one out")
    }
    if settings.sampling == .scarce, columns.count < 2 {
      return TaskFlaw(
        "task.sampling", "draws by what samples lack beside something else; name several inputs, or set it to uniform")
    }
    guard settings.isSeveral else { return nil }
    if settings.smoothing > 0 {
      return TaskFlaw("task.smoothing", "has no meaning where classes are told one by one (task.several); set it to 0")
    }
    return settings.sampling == .balanced
      ? TaskFlaw(
        "task.sampling",
        "a sample of several classes (task.several) is drawn for none of them; set it to uniform, and "
          + "task.weights to balanced") : nil
  }

  // MARK: Fitting

  public func fitted(
    to dataSet: PreparedDataSet, split: String, on model: any ModelDescription, tell: (String) -> Void
  ) throws -> ClassificationTask {
    var fitted = self
    fitted.inputs = try inputs(seenBy: model)
    let label = try label ?? dataSet.onlyLabel(split: split)
    let labels = try ClassLabels(dataSet, split: split, label)
    if !isSeveral { try labels.requireOneClassEach() }
    let counts = labels.counts
    let column = Column.labels(label).name
    guard counts.count > (isSeveral ? 0 : 1) else {
      throw TaskError.oneClass(path: dataSet.path, split: split, column: column, name: counts.first?.name)
    }
    guard counts.count <= ClassList.limit else {
      throw TaskError.tooManyClasses(
        path: dataSet.path, column: column, count: counts.count, limit: ClassList.limit)
    }
    (fitted.label, fitted.classes) = (label, ClassList(counts.map(\.name)))
    fitted.training.counts = counts.map(\.samples)
    fitted.training.samples = labels.classes.count
    tell(labels.sentence(isSeveral: isSeveral))
    if let sentence = fitted.oneOfThree(on: model) { tell(sentence) }
    fitted.absent = try fitted.absent(in: dataSet, split: split, on: model, tell)
    if training.sampling == .scarce { tell(try fitted.scarceInput(of: dataSet, split: split).sentence(split: split)) }
    if let text = textInput {
      try NamedClasses(dataSet, split: split, in: text, labels.classes).sentence.map(tell)
    }
    return fitted
  }

  /// A task that names photos means what the model sees in their place.
  private func inputs(seenBy model: any ModelDescription) throws -> [Column] {
    guard model.inputs.clips == nil else { return inputs }
    let own = model.images.column
    guard own != .audio else { return inputs.map { $0 == .image ? own : $0 } }
    guard !inputs.contains(.audio) else { throw TaskError.hearsNothing(task: Self.name, model: model.name) }
    return inputs
  }

  public func check(_ dataSet: PreparedDataSet, split: String) throws {
    guard let label else { return }
    try requireInputs(of: dataSet, split: split)
    let labels = try ClassLabels(dataSet, split: split, label)
    if !isSeveral { try labels.requireOneClassEach() }
    let unknown = labels.counts.map(\.name).filter { classes[$0] == nil }
    guard unknown.isEmpty else {
      throw TaskError.unknownClasses(
        path: dataSet.path, split: split, column: Column.labels(label).name, classes: unknown)
    }
  }

  public func teaches(from dataSet: PreparedDataSet, split: String) throws -> [Bool]? {
    guard !isSeveral, let label else { return nil }
    return try ClassLabels(dataSet, split: split, label).classes.map { !$0.isEmpty }
  }

  public func drawnInTurn(from dataSet: PreparedDataSet, split: String) throws -> [[Int]]? {
    if training.sampling == .scarce {
      let scarce = try scarceInput(of: dataSet, split: split)
      return [scarce.having, scarce.others]
    }
    guard training.sampling == .balanced, let label else { return nil }
    let labels = try ClassLabels(dataSet, split: split, label)
    var groups = [[Int]](repeating: [], count: classes.count)
    for (sample, names) in labels.classes.enumerated() {
      if let name = names.first, let number = classes[name] { groups[number].append(sample) }
    }
    return groups.filter { !$0.isEmpty }
  }

  // MARK: Head

  public func makeHead(on model: any Model, _ builder: ParameterBuilder) throws -> (any TaskHead)? {
    guard let reader = PooledReader(model, reading: modalities, lacking: lacking, builder)
    else { throw TaskError.noReading(task: Self.name, model: model.description.name) }
    return ClassificationHead(
      self, ClassHead(reader, outputs: classes.count, .linear, builder),
      apart: apartHeads == true ? ApartHeads(reader, model, outputs: classes.count, builder) : nil, on: model)
  }

  public func measure(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> ClassificationMetrics {
    try measure(together: [subject], on: dataSet, split: split, progress: progress)
  }

  public func obstacleToMean(with other: ClassificationTask) -> String? {
    if classes != other.classes || isSeveral != other.isSeveral { return "they tell other classes" }
    if label != other.label { return "they tell other labels" }
    return inputs == other.inputs ? nil : "they look at other things"
  }

  public func measure(
    together members: [MeasuredModel], on dataSet: PreparedDataSet, split: String,
    progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> ClassificationMetrics {
    let told = try members.compactMap { try classPredictions($0, on: dataSet, split: split, progress: progress) }
    guard let predictions = try ClassPredictions.pooled(told), told.count == members.count else {
      throw TaskError.noReading(task: Self.name, model: members[0].model.description.name)
    }
    var metrics = try ClassificationMetrics(predictions, hasIntervals: members[0].isThorough)
    if members[0].shown > 0 {
      metrics.exhibits = try exhibits(metrics, predictions, of: dataSet, split: split, showing: members[0].shown)
    }
    return metrics
  }

  public func classPredictions(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> ClassPredictions? {
    guard let head = subject.head as? ClassificationHead else { return nil }
    try check(dataSet, split: split)
    return try ClassificationMeasurement(subject: subject, head: head, dataSet: dataSet, split: split)(progress)
  }

  public func predictor(_ head: (any TaskHead)?, _ tokenizer: any Tokenizer) -> (any TaskPredictor)? {
    (head as? ClassificationHead).map { ClassificationPredictor(head: $0) }
  }
}

extension PreparedDataSet {
  /// The label that a split's samples have, where it is one.
  fileprivate func onlyLabel(split: String) throws -> String {
    let labels = try columnCounts(split: split).compactMap { count -> String? in
      if case .labels(let name) = count.column { name } else { nil }
    }
    guard labels.count == 1 else { throw TaskError.whichLabel(path: path, split: split, labels: labels) }
    return labels[0]
  }
}
