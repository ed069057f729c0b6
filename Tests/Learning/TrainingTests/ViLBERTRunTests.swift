import Batching
import Checkpoints
import Collectives
import Configuration
import Evaluation
import Files
import Images
import Inference
import Models
import Pretrained
import Reporting
import Safeguards
import Scenes
import Tasks
import TestSupport
import Testing
import Training

/// ViLBERT trained on regions of the data, and on those that an image tower makes of photos.
@Suite(.serialized) struct ViLBERTRunTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try writeRegionSet(place("regions"))
  }

  private static let small = [
    "model.name=vilbert", "model.text.width=16", "model.text.layers=2", "model.text.heads=2",
    "model.text.context_length=12", "model.fusion.width=16", "model.fusion.layers=2", "model.fusion.heads=4",
    "model.regions.limit=3", "batch.global=12", "schedule.steps=12", "schedule.warmup_steps=0",
    "schedule.decay=constant", "optimizer.learning_rate=0.003", "checkpoint.every_steps=4", "data.workers=1",
    "evaluation.every_epochs=0",
  ]

  private func configuration(_ name: String, _ settings: [String]) throws -> RunConfiguration {
    try RunConfiguration(
      file: nil,
      settings: (Self.small + ["output=\(place(name))"] + settings).map { ConfigurationSetting($0) })
  }

  private func train(
    _ name: String, _ settings: [String] = [], data: String = "regions", faults: [Fault] = [],
    _ communicator: any Communicator = SoloCommunicator()
  ) throws {
    var options = RunOptions()
    options.faults = faults
    _ = try runTraining(
      configuration(name, settings), dataPath: place(data), resume: .auto, options: options, threads: 1,
      communicator: communicator, output: .silent, logger: makeLogger(rank: nil))
  }

  private func bytes(_ name: String) throws -> [UInt8] { try readFile(place(name + "/last/model.safetensors")) }

  private func lines(_ name: String, _ event: String) throws -> [Substring] {
    try String(decoding: readFile(place(name + "/metrics.jsonl")), as: UTF8.self).split(separator: "\n")
      .filter { $0.contains("\"event\":\"\(event)\"") }
  }

  private func losses(_ name: String) throws -> [Float] {
    try lines(name, "step").compactMap { $0.firstMatch(of: /"loss":([-+.0-9e]+)/).flatMap { Float($0.1) } }
  }

  /// Which colour a masked word was only the regions say. What a checkpoint says is what the run said of it.
  @Test func regionsAreLearnt() throws {
    try train(
      "run",
      [
        "schedule.steps=100", "optimizer.learning_rate=0.01", "model.text.width=32", "model.fusion.width=32",
        "batch.global=36",
      ])
    let line = try #require(try lines("run", "evaluation").last)
    let accuracy = try #require(line.firstMatch(of: /"masked_text":\{"accuracy":([0-9.]+)/)).1
    #expect(try #require(Double(accuracy)) > 90, "\(line)")
    #expect(try #require(losses("run").last) < losses("run")[0])
    let weights = try GoldenFile(absolute: place("run/last/model.safetensors"))
    let unread = weights.names.filter { $0.contains("q_dense") }
    #expect(unread.count == 8)
    #expect(try unread.allSatisfy { try weights.floats($0).allSatisfy { $0 == 0 } })
    let again = try evaluateModel(
      at: place("run/last"), data: place("regions"), split: "validation", rerankDepth: 0, threads: 1,
      communicator: SoloCommunicator(), output: .silent)
    let told = try #require((again as? EvaluationReport)?.maskedText)
    #expect(told.accuracy == Double(accuracy))
  }

  @Test func anyNumberOfRanksInAnyNumberOfPieces() throws {
    try train("one")
    let one = try losses("one")
    #expect(one.count == 12)
    for ranks in [2, 3] {
      _ = try InProcessCommunicator.run(ranks: ranks) { try train("ranks\(ranks)", $0) }
      #expect(difference(try losses("ranks\(ranks)"), one, relative: 1e-5) == nil, "\(ranks) ranks")
    }
    #expect(throws: (any Error).self) { try train("parts", faults: [Fault(kind: .exit, step: 6, rank: 0)]) }
    try train("parts")
    #expect(try bytes("parts") == bytes("one"))
    // Another run begins from its weights, and their sizes.
    let weights = "initialize.weights=\(place("one/last"))"
    try train("next", [weights], settings: Self.withoutSizes)
    #expect(try #require(losses("next").first) < one[0])
  }

  /// Keys that say no size of the model's.
  private static let withoutSizes = small.filter { !$0.hasPrefix("model.") }

  private func train(_ name: String, _ more: [String], settings: [String]) throws {
    let all = settings + ["output=\(place(name))"] + more
    let configuration = try RunConfiguration(file: nil, settings: all.map { ConfigurationSetting($0) })
    _ = try runTraining(
      configuration, dataPath: place("regions"), resume: .auto, threads: 1, communicator: SoloCommunicator(),
      output: .silent, logger: makeLogger(rank: nil))
  }

  private func train(_ name: String, _ communicator: any Communicator) throws { try train(name, [], communicator) }

  /// No detector: the tokens of an image tower, with the cells that they stand for.
  @Test func anImageTowerMakesRegions() throws {
    try prepareScenes(SceneSettings(train: 24, validation: 6, test: 4, imageSize: 32), in: place)
    let tower = [
      "model.vision.encoder=vit", "model.vision.image_size=32", "model.vision.patch_size=16", "model.vision.width=16",
      "model.vision.layers=1", "model.vision.heads=2", "schedule.steps=4",
    ]
    try train("one", tower, data: "scenes")
    _ = try InProcessCommunicator.run(ranks: 2) { try train("two", tower, data: "scenes", $0) }
    #expect(try losses("one").count == 4)
    #expect(difference(try losses("two"), try losses("one"), relative: 1e-5) == nil)
    let model = try LoadedModel(path: place("one/last"), threads: 1)
    #expect(model.directory.preprocessing.imageSize == 32)
    #expect(try model.directory.loadingReport().isExact)
  }

  // MARK: Bad input

  private func refusal(_ settings: [String], data: String = "regions") -> String {
    let error = #expect(throws: (any Error).self) { try train("refused", settings, data: data) }
    #expect((error as? any ReportableError)?.exitCode == .configuration, "\(String(describing: error))")
    return "\(error.map { "\($0)" } ?? "")"
  }

  @Test func whatItCannotHaveIsRefused() throws {
    #expect(refusal(["objective.contrastive=1"]).contains("vilbert has no features of images and texts in one space"))
    #expect(refusal(["data.augmentation=standard"]).contains("vilbert reads regions, which are not augmented"))
    #expect(refusal(["model.vision.width=32"]).contains("name a tower with model.vision.encoder"))
    #expect(
      refusal(["model.fusion.layers=3"]).contains(
        "3 connections stand in front of as many layers of the text, which has 2"))
  }

  @Test func photosAloneAreNoRegions() throws {
    try train("run", ["schedule.steps=1"])
    let model = try LoadedModel(path: place("run/last"), threads: 1)
    #expect(model.directory.description.images.side == nil)
    let photos = try PhotoFiles(at: [])
    let error = #expect(throws: InferenceError.self) { try model.match(photos, ["a red one"]) }
    #expect(error?.description.contains("reads regions that another network has described") == true)
    #expect(error?.exitCode == .configuration)
  }
}
