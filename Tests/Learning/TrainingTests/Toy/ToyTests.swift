import Batching
import Checkpoints
import Collectives
import Configuration
import Evaluation
import Files
import Images
import Layers
import Models
import Objectives
import Pretrained
import Reporting
import Settings
import Tasks
import TensorEngine
import TestSupport
import Testing
import Tokenization
import Training

/// What "to add a model" and "to add a task" mean: a model and a task that no catalogue lists are put into a plan, and trained by
/// the same loop, saved and measured, without a line about them anywhere else.
@Suite(.serialized) struct ToyTests {
  private let runs: ToyRuns

  init() throws { runs = try ToyRuns() }

  private static func putModel(in plan: inout RunPlan) {
    plan.description = ToyConfiguration(imageSize: 8, text: plan.description.inputs.text, embeddingWidth: 8)
  }

  private static func putTask(in plan: inout RunPlan, _ dataSet: PreparedDataSet) throws {
    plan.task = try ToyTask.fitted(to: dataSet, on: plan.description)
    plan.objective = ObjectiveSettings()
  }

  /// The model under the usual task: features are enough for retrieval, and its `config.json` is read again.
  @Test func aModelThatNoCatalogueListsIsTrained() throws {
    let outcome = try runs.train("model", steps: 30) { plan, _ in Self.putModel(in: &plan) }
    let checkpoint = try Checkpoint(path: outcome.directory + "/last")
    #expect(try checkpoint.weights().entries.map(\.name).sorted() == ["logit_scale", "pixels.weight", "words.weight"])
    #expect(!fileExists(checkpoint.path + "/task.json"))
    let line = try #require(try runs.metrics(outcome, "evaluation").last)
    let recall = try #require(line.firstMatch(of: /"image_to_text":\{[^}]*"r10":([0-9.]+)/)).1
    #expect(try #require(Double(recall)) > 60, "\(line)")
    let file = checkpoint.path + "/config.json"
    let read = try ToyConfiguration(Settings(json: readFile(file), file: file))
    #expect(read.embeddingWidth == 8 && read.imageSize == 8 && read.text.vocabularySize > 256)
  }

  /// The task end to end: columns, head, loss, measure, checkpoint, and what it knows of its data beside the weights.
  @Test func aTaskThatNoCatalogueListsIsLearnt() throws {
    let outcome = try runs.train("task", steps: 60) { try Self.putTask(in: &$0, $1) }
    let steps = try runs.metrics(outcome, "step")
    #expect(steps.count == 60 && steps.allSatisfy { $0.contains("\"losses\":{\"toy-colours\":") })
    #expect(try runs.metrics(outcome, "evaluation").contains { $0.contains("\"accuracy\":") })
    let checkpoint = try Checkpoint(path: outcome.directory + "/last")
    let weights = try checkpoint.weights()
    #expect(weights.entry(named: "task_head.output.weight")?.shape == [3, 16])
    let facts = String(decoding: try readFile(checkpoint.path + "/task.json"), as: UTF8.self)
    #expect(facts.filter { !$0.isWhitespace } == #"{"facts":{"classes":["blue","green","red"]},"name":"toy-colours"}"#)
    let set = try PreparedDataSet(path: runs.place("set"))
    let task = try ToyTask.fitted(to: set, on: ModelDirectory(path: checkpoint.path).description)
    let reports = try [1, 3].flatMap { ranks in
      try InProcessCommunicator.run(ranks: ranks) { communicator in
        try evaluateModel(
          in: ModelDirectory(path: checkpoint.path), task, on: set, split: "validation", threads: 1,
          communicator: communicator, output: .silent
        ).table
      }
    }
    // Of the 20 photos two have no label.
    #expect(reports.count == 4 && reports.allSatisfy { $0 == "right colours 100.0 % of 18\n" }, "\(reports)")
  }

  /// What a `task.json` cannot be is refused with its path: rubbish, what names no task or has no facts, a task that is not there.
  @Test(arguments: [
    ("{", "task.json"), (#"{"facts":{}}"#, "name"), (#"{"name":"pretraining"}"#, "facts"),
    (#"{"facts":{},"name":"toy-colours"}"#, "no task toy-colours"),
  ])
  func taskFilesThatCannotBe(_ json: String, _ words: String) throws {
    let directory = runs.place("model")
    try makeDirectory(directory)
    #expect(try TaskCatalogue.task(ofModelIn: directory) is PretrainingTask)
    try writeAtomically(json.utf8, to: directory + "/task.json")
    let error = #expect(throws: TaskFileError.self) { try TaskCatalogue.task(ofModelIn: directory) }
    #expect(error?.exitCode == .badData)
    #expect(error?.description.contains("model/task.json: ") == true && error?.description.contains(words) == true)
  }

  /// The same weights on one, two and three ranks.
  @Test func ranksLearnTheTaskAsOne() throws {
    let weights = try [1, 2, 3].map { ranks in
      let outcome = try runs.train("ranks\(ranks)", steps: 5, ranks: ranks) { plan, dataSet in
        Self.putModel(in: &plan)
        try Self.putTask(in: &plan, dataSet)
      }
      return try Checkpoint(path: outcome.directory + "/last").weights()
    }
    for other in weights[1...] {
      for entry in weights[0].entries {
        let report = try difference(
          other.floats(entry.name), weights[0].floats(entry.name), relative: 1e-4, floor: 1e-5)
        #expect(report == nil, "\(entry.name)")
      }
    }
  }

  /// Data without the task's column are refused in words.
  @Test func dataWithoutTheColumnAreRefused() throws {
    let writer = try PreparedDataSetWriter(directory: runs.place("bare"), description: .init(name: "bare"))
    let image = Image(width: 16, height: 16, pixels: [UInt8](repeating: 9, count: 768))
    try writer.add(
      image: encodeJPEG(image, quality: 90), width: 16, height: 16,
      record: SampleRecord(key: "k10", fileName: "10", split: "train", captions: ["x"]))
    try writer.finish()
    let error = #expect(throws: BatchingError.self) {
      try PreparedDataSet(path: runs.place("bare")).require(
        ToyTask(TaskSettings(name: ToyTask.name)).columns, split: "train")
    }
    #expect(error?.exitCode == .missingInput)
    let words = error?.description ?? ""
    #expect(words.contains("the data lack the column label:colour in split train, which has image, captions; prepare"))
  }
}
