import Checkpoints
import Collectives
import Files
import Preparation
import Reporting
import Scenes
import TestSupport
import Testing
import Training

/// Whole runs in one process: beginning from another model's weights, refusing what cannot be, going on.
@Suite(.serialized) struct RunTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    let zip = place("scenes.zip")
    try writeScenes(to: zip, settings: SceneSettings(train: 48, validation: 16, test: 16, imageSize: 48))
    var request = PreparationRequest(source: .archive(path: zip), output: place("scenes"), threads: 2)
    request.tokenizer = .train(vocabularySize: 560)
    try prepare(request)
  }

  private func train(
    _ name: String, _ settings: [String], resume: ResumePolicy = .auto,
    communicator: any Communicator = SoloCommunicator()
  ) throws -> TrainingOutcome {
    let common = [
      "model.vision.width=32", "model.vision.layers=1", "model.text.width=32", "model.text.layers=1",
      "model.embedding_width=16", "batch.global=16",
      "schedule.warmup_steps=0", "output=\(place(name))",
    ]
    let configuration = try RunConfiguration(
      file: nil, settings: (common + settings).map { ConfigurationSetting($0) })
    return try runTraining(
      configuration, dataPath: place("scenes"), resume: resume, threads: 1, communicator: communicator,
      output: .silent, logger: makeLogger(rank: nil))
  }

  @Test func fusionIsTrainedOnTopOfTowersThatWereTrainedBefore() throws {
    let towers = try train("towers", ["model.name=clip", "schedule.steps=3"])
    let fused = try train(
      "fused",
      [
        "model.name=cross-attention", "initialize.weights=\(towers.directory)/last", "schedule.steps=1",
        "optimizer.learning_rate=1e-9",
      ])
    let before = try Checkpoint(path: towers.directory + "/last").weights()
    let after = try Checkpoint(path: fused.directory + "/last").weights()
    for entry in before.entries where entry.name != "logit_scale" {
      let report = try difference(after.floats(entry.name), before.floats(entry.name), relative: 1e-4, floor: 1e-6)
      #expect(report == nil, "\(entry.name)")
    }
    #expect(after.entries.contains { $0.name.hasPrefix("fusion.") })
  }

  @Test func weightsOfAnotherSizeAreRefusedWithTheirNames() throws {
    let towers = try train("towers", ["model.name=clip", "schedule.steps=1"])
    let error = #expect(throws: CheckpointError.self) {
      try train(
        "wider",
        ["model.name=clip", "model.vision.width=64", "initialize.weights=\(towers.directory)/last", "schedule.steps=1"])
    }
    #expect(error?.exitCode == .configuration)
    #expect(
      error?.description.contains("class_embedding: [64] needed, [32] found") == true, "\(error?.description ?? "")")
  }

  /// On simulated nodes of two ranks: the same weights, bit by bit, and the losses of one rank.
  @Test func sumsBesideTheBackwardPassGiveTheSameWeights() throws {
    let settings = ["model.name=cross-attention", "schedule.steps=3", "data.workers=1"]
    let weights = try ["off", "on"].map { overlap in
      let outcomes = try InProcessCommunicator.run(ranks: 4, nodeSize: 2) {
        try train(overlap, settings + ["communication.overlap=\(overlap)"], communicator: $0)
      }
      return try readFile(outcomes[0].directory + "/last/model.safetensors")
    }
    #expect(weights[0] == weights[1])
    let alone = try Checkpoint(path: train("alone", settings).directory + "/last").weights()
    let together = try Checkpoint(path: place("on") + "/last").weights()
    for entry in alone.entries {
      let report = try difference(together.floats(entry.name), alone.floats(entry.name), relative: 1e-3, floor: 1e-4)
      #expect(report == nil, "\(entry.name)")
    }
  }

  @Test func aFinishedRunStaysAsItIs() throws {
    let first = try train("run", ["schedule.steps=2"])
    let weights = try readFile(first.directory + "/last/model.safetensors")
    let second = try train("run", ["schedule.steps=2"])
    #expect(second.isComplete && second.step == 2)
    #expect(try readFile(first.directory + "/last/model.safetensors") == weights)
    let error = #expect(throws: TrainingError.self) { try train("run", ["schedule.steps=2"], resume: .never) }
    #expect(error?.exitCode == .cannotCreateOutput)
  }

  @Test func whatDecidesTheSamplesStaysAndTheRestMayChange() throws {
    _ = try train("run", ["schedule.steps=1"])
    let error = #expect(throws: ConfigurationError.self) { try train("run", ["schedule.steps=2", "seed=1"]) }
    #expect(error?.description.contains("seed") == true)
    let outcome = try train("run", ["schedule.steps=2", "optimizer.learning_rate=1e-4"])
    #expect(outcome.isComplete && outcome.step == 2)
  }

  @Test func anotherDataSetIsNotGoneOnWith() throws {
    _ = try train("run", ["schedule.steps=2"])
    let zip = place("others.zip")
    try writeScenes(to: zip, settings: SceneSettings(seed: 9, train: 48, validation: 16, test: 16, imageSize: 48))
    try removeTree(place("scenes"))
    var request = PreparationRequest(source: .archive(path: zip), output: place("scenes"), threads: 2)
    request.tokenizer = .train(vocabularySize: 560)
    try prepare(request)
    let error = #expect(throws: (any Error).self) { try train("run", ["schedule.steps=4"]) }
    #expect((error as? any ReportableError)?.exitCode == .configuration)
  }
}
