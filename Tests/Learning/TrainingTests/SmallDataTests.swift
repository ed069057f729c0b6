import Collectives
import Configuration
import Files
import Reporting
import Scenes
import TestSupport
import Testing
import Training

/// Data sets and batches at the edge of what can be trained on: a defined result, or an error before the first step.
@Suite(.serialized) struct SmallDataTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try prepareScenes(SceneSettings(train: 5, validation: 1, test: 1, imageSize: 48), in: place)
  }

  @Test func evaluationOfASinglePhotoIsDefined() throws {
    #expect(try train(["batch.global=2"]).isComplete)
    let line = try #require(try lines("evaluation").last)
    for key in ["image_to_text", "text_to_image"] {
      #expect(line.contains("\"\(key)\":{\"r1\":100.0,\"r5\":100.0,\"r10\":100.0,\"median_rank\":1.0}"), "\(line)")
    }
    #expect(line.contains("\"matching\":{\"accuracy\":"), "\(line)")
    let steps = try lines("step")
    #expect(steps.count == 2 && !steps.contains { $0.contains("null") })
  }

  @Test(arguments: [
    (["evaluation.split=validaton"], "has no split validaton; it has", ExitCode.missingInput),
    (["data.split=trian"], "has no split trian; it has", .missingInput),
    (["batch.global=6"], "5", .configuration),
    (
      ["batch.global=2", "schedule.epochs=2", "schedule.warmup_steps=5"],
      "a warm-up of 5 steps does not end within the 4 that this run has", .configuration
    ),
  ])
  func whatTheDataLackIsToldBeforeTheFirstStep(settings: [String], words: String, code: ExitCode) throws {
    let error = #expect(throws: (any Error).self) { try train(settings) }
    let report = try #require(error as? any ReportableError)
    #expect(report.exitCode == code && report.description.contains(words), "\(report)")
    #expect(try !fileExists(place("run/metrics.jsonl")) || lines("step").isEmpty)
    // A plan finds the same, and nothing is begun for it.
    let planned = #expect(throws: (any Error).self) {
      try RunForecast(configuration(settings), dataPath: place("scenes"), ranks: 1)
    }
    #expect("\(planned as Any)" == "\(error as Any)")
  }

  @Test func evaluationCanBeLeftOut() throws {
    #expect(try train(["batch.global=2", "evaluation.split=none"]).isComplete)
    let evaluations = try lines("evaluation")
    #expect(evaluations.isEmpty)
  }

  /// A whole batch of single pairs, one on each rank, still has wrong pairs: those of the other ranks.
  @Test func aPairOnEachRankIsEnough() throws {
    let outcomes = try InProcessCommunicator.run(ranks: 3) { try train(["batch.global=3"], communicator: $0) }
    let steps = try lines("step").count
    #expect(steps == 2 && !outcomes.contains { !$0.isComplete })
  }

  private func train(
    _ settings: [String], communicator: any Communicator = SoloCommunicator()
  ) throws -> TrainingOutcome {
    try runTraining(
      configuration(settings), dataPath: place("scenes"), resume: .auto, threads: 1, communicator: communicator,
      output: .silent, logger: makeLogger(rank: nil))
  }

  private func configuration(_ settings: [String]) throws -> RunConfiguration {
    let common = [
      "model.vision.width=32", "model.vision.layers=1", "model.text.width=32", "model.text.layers=1",
      "model.fusion.layers=1", "model.embedding_width=16", "schedule.warmup_steps=0",
      "output=\(place("run"))",
    ]
    // A source gives epochs or steps.
    let length = settings.contains { $0.hasPrefix("schedule.epochs") } ? [] : ["schedule.steps=2"]
    return try RunConfiguration(file: nil, settings: (common + length + settings).map { ConfigurationSetting($0) })
  }

  private func lines(_ event: String) throws -> [String] {
    String(decoding: try readFile(place("run/metrics.jsonl")), as: UTF8.self).split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("{\"event\":\"\(event)\"") }
  }
}
