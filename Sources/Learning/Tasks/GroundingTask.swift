public import Batching
public import Evaluation
public import Layers
public import Models
public import Objectives
public import Tokenization

/// Where in an image the things are that phrases name: a box for each.
public struct GroundingTask: Task {
  public static let name = "grounding"
  public static let summary = "Boxes for phrases; measured by how many overlap the right one by half."

  public static let keys = ["task.sampling"]

  public func pipelineTag(on model: any ModelDescription) -> String? { "zero-shot-object-detection" }

  public static func flaw(in settings: TaskSettings) -> TaskFlaw? { .classSampling(settings) }

  public init(_ settings: TaskSettings) {}

  public var columns: ColumnSet { [.image, .boxes] }
  public var columnsOfEachSample: ColumnSet { [.boxes] }
  public var objectives: [any Objective.Type] { [GroundingObjective.self] }

  public func fitted(
    to dataSet: PreparedDataSet, split: String, on model: any ModelDescription, tell: (String) -> Void
  ) throws -> GroundingTask {
    let phrases = try NamedBoxes(dataSet, split: split)
    tell(phrases.sentence)
    return self
  }

  public func check(_ dataSet: PreparedDataSet, split: String) throws {
    try dataSet.require(columns, split: split)
    _ = try NamedBoxes(dataSet, split: split)
  }

  public func makeHead(on model: any Model, _ builder: ParameterBuilder) throws -> (any TaskHead)? {
    guard let layers = BoxHead(model, builder) else { throw TaskError.noPlaces(model: model.description.name) }
    return GroundingHead(layers)
  }

  public func measure(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> GroundingMetrics {
    guard let head = subject.head as? GroundingHead else {
      throw TaskError.noPlaces(model: subject.model.description.name)
    }
    try check(dataSet, split: split)
    return try GroundingMeasurement(subject: subject, head: head, dataSet: dataSet, split: split)(progress)
  }

  public func obstacleToMean(with other: GroundingTask) -> String? {
    "the mean of boxes around two things is a box around neither"
  }

  public func predictor(_ head: (any TaskHead)?, _ tokenizer: any Tokenizer) -> (any TaskPredictor)? {
    (head as? GroundingHead).map { GroundingPredictor(head: $0) }
  }
}

/// A task's boxes on a model.
final class GroundingHead: TaskHead {
  let layers: BoxHead

  init(_ layers: BoxHead) { self.layers = layers }
}
