internal import Batching
internal import Collectives
internal import Evaluation
internal import Layers
internal import Models
internal import Objectives
internal import Reporting
internal import Tasks
internal import TensorEngine

/// What colour is this? A linear layer on pooled image states, which learns by cross-entropy and is measured by accuracy. It
/// stands for any task with a column, a head, a loss and a measure of its own, and nothing outside of this file knows it.
struct ToyTask: Task {
  static let name = "toy-colours"
  static let summary = "The colour of a photo, by a linear layer."
  static let label = Column.labels("colour")

  /// In the order of the logits.
  private(set) var classes: [String] = []

  init(_ settings: TaskSettings) {}

  var columns: ColumnSet { [.image, Self.label] }
  var objectives: [any Objective.Type] { [ToyObjective.self] }

  static func fitted(to dataSet: PreparedDataSet, on model: any ModelDescription) throws -> ToyTask {
    try ToyTask(TaskSettings(name: name)).fitted(to: dataSet, split: "train", on: model) { _ in }
  }

  func fitted(
    to dataSet: PreparedDataSet, split: String, on model: any ModelDescription, tell: (String) -> Void
  ) throws -> ToyTask {
    var found = Set<String>()
    for sample in try dataSet.samples(split: split) {
      found.formUnion(try dataSet.columns([Self.label], of: sample).columns.labels["colour"] ?? [])
    }
    var fitted = self
    fitted.classes = found.sorted()
    return fitted
  }

  func makeHead(on model: any Model, _ builder: ParameterBuilder) throws -> (any TaskHead)? {
    guard let model = model as? any ImageModel else { return nil }
    return ToyHead(model, width: (model.description as? any FeatureDescription)?.embeddingWidth ?? 0, classes, builder)
  }

  func measure(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> ToyReport {
    guard let head = subject.head as? ToyHead else { return ToyReport(right: 0, of: 0) }
    let loader = try EvaluationLoader(
      dataSet: dataSet, split: split, columns: columns, tokenizer: subject.tokenizer,
      contextLength: subject.model.description.texts.contextLength, preprocessing: subject.preprocessing,
      chunk: subject.chunk, rank: subject.communicator.rank, ranks: subject.communicator.size)
    var (right, count) = (0, 0)
    while let chunk = try loader.next() {
      let tape = Tape(subject.engine, recording: false)
      let images = subject.engine.images(chunk.columns, subject.model.description.images)
      let logits = head.logits(head.model.imageEncoder(images, .pooled, tape), tape).values()
      for (place, target) in head.targets(chunk.columns).enumerated() where target >= 0 {
        let row = logits[place * classes.count..<(place + 1) * classes.count]
        right += row.firstIndex(of: row.max() ?? 0) == row.startIndex + Int(target) ? 1 : 0
        count += 1
      }
    }
    return ToyReport(
      right: try subject.communicator.sum(right, "right colours"),
      of: try subject.communicator.sum(count, "colours"))
  }
}

final class ToyHead: TaskHead {
  let model: any ImageModel
  private let linear: Linear
  private let classes: [String]

  init(_ model: any ImageModel, width: Int, _ classes: [String], _ builder: ParameterBuilder) {
    (self.model, self.classes) = (model, classes)
    linear = Linear(
      builder, "output", inputs: width, outputs: classes.count, keepsFloat32: true, standardDeviation: 0.02)
  }

  /// [b, classes]
  func logits(_ images: Encoding, _ tape: Tape) -> Tensor { linear(images.pooled(tape), tape) }

  /// The class of each sample; -1 for one without.
  func targets(_ columns: BatchColumns) -> [Int32] {
    (columns.labels["colour"] ?? []).map { names in
      Int32(names.first.flatMap { classes.firstIndex(of: $0) } ?? -1)
    }
  }
}

struct ToyObjective: Objective {
  static let name = "toy-colours"
  static let summary = "Cross-entropy of colours."
  static let needs: [ModelPart] = []
  static let looksAtFeaturesOnly = true

  private let head: ToyHead
  private let communicator: any Communicator

  init?(_ context: ObjectiveContext) {
    guard let head = context.head as? ToyHead else { return nil }
    (self.head, communicator) = (head, context.communicator)
  }

  /// This rank's share of the mean over all samples of the global batch that have a colour.
  func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    let targets = head.targets(states.batch.columns)
    let known = targets.indices.filter { targets[$0] >= 0 }
    let count = try communicator.sum(known.count, "count of colours")
    let logits = tape.gatherRows(head.logits(states.images, tape), known)
    return tape.crossEntropy(logits, targets: known.map { targets[$0] }, count: max(count, 1))
  }
}

struct ToyReport: TaskReport {
  let right: Int
  let of: Int

  /// In percent.
  var score: Double { 100 * Double(right) / Double(max(of, 1)) }
  var members: [(String, OrderedJSON)] { [("accuracy", .number(score))] }
  var summary: [(name: String, value: String)] { [("right colours", brief(score) + " %")] }
  var table: String { "right colours \(brief(score)) % of \(of)\n" }
}
