import Collectives
import Configuration
import Files
import Models
import Reporting
import Safeguards
import Scenes
import TestSupport
import Testing
import Training

/// Runs that begin from towers of others.
@Suite(.serialized) struct DualEncoderRunTests {
  private let place: TemporaryDirectory
  private let towers: TinyTowers

  init() throws {
    place = try TemporaryDirectory()
    towers = try TinyTowers(in: place.path)
    try prepareScenes(SceneSettings(train: 24, validation: 6, test: 4, imageSize: 32), in: place)
  }

  private static let locked = ["initialize.lock.vision=1", "initialize.lock.text=1"]

  private func configuration(_ name: String, _ settings: [String]) throws -> RunConfiguration {
    let own = [
      "model.name=dual-encoder", "model.embedding_width=8", "initialize.vision=\(towers.vision)",
      "initialize.text=\(towers.text)", "batch.global=8", "schedule.steps=6", "schedule.warmup_steps=0",
      "checkpoint.every_steps=2", "data.workers=1", "output=\(place(name))",
    ]
    return try RunConfiguration(file: nil, settings: (own + settings).map { ConfigurationSetting($0) })
  }

  private func train(
    _ name: String, _ settings: [String], faults: [Fault] = [],
    _ communicator: any Communicator = SoloCommunicator()
  ) throws {
    var options = RunOptions()
    options.faults = faults
    _ = try runTraining(
      configuration(name, settings), dataPath: place("scenes"), resume: .auto, options: options, threads: 1,
      communicator: communicator, output: .silent, logger: makeLogger(rank: nil))
  }

  private func weights(_ name: String) throws -> GoldenFile {
    try GoldenFile(absolute: place(name + "/last/model.safetensors"))
  }
  private func bytes(_ name: String) throws -> [UInt8] { try readFile(place(name + "/last/model.safetensors")) }

  private func losses(_ name: String) throws -> [Double] {
    try String(decoding: readFile(place(name + "/metrics.jsonl")), as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix(#"{"event":"step""#) }
      .compactMap { $0.firstMatch(of: /"loss":([-+.0-9e]+)/).flatMap { Double($0.1) } }
  }

  /// With both towers locked two linear maps are all that learns: from kept states, on any number of ranks, in one piece or
  /// in several.
  @Test func lockedTowersOnTwoRanksInPieces() throws {
    try train("computed", Self.locked + ["memory.cache_locked=off"])
    try train("kept", Self.locked + ["memory.cache_locked=on"])
    #expect(try bytes("kept") == bytes("computed"))

    #expect(throws: (any Error).self) {
      try train("parts", Self.locked + ["memory.cache_locked=on"], faults: [Fault(kind: .exit, step: 3, rank: 0)])
    }
    try train("parts", Self.locked + ["memory.cache_locked=on"])
    #expect(try bytes("parts") == bytes("computed"))

    _ = try InProcessCommunicator.run(ranks: 2) { try train("two", Self.locked + ["memory.cache_locked=on"], $0) }
    let (one, two) = (try losses("computed"), try losses("two"))
    #expect(one.count == 6 && difference(two.map(Float.init), one.map(Float.init), relative: 1e-5) == nil)
    let loaded = try [("vision_model.", "vit-tiny"), ("text_model.", "bert-tiny")].map { prefix, golden in
      let (ours, theirs) = (try weights("two"), try GoldenFile("\(golden)/model.safetensors"))
      return try theirs.names.allSatisfy { try ours.floats(prefix + $0) == theirs.floats($0) }
    }
    #expect(loaded == [true, true], "locked towers keep the weights that they came with")
  }

  /// A run that goes on has all it needs in its own directory, towers that are trained among it.
  @Test func trainedTowersOnTwoRanks() throws {
    try train("one", [])
    _ = try InProcessCommunicator.run(ranks: 2) { try train("two", [], $0) }
    let (one, two) = (try losses("one"), try losses("two"))
    #expect(one.count == 6 && difference(two.map(Float.init), one.map(Float.init), relative: 1e-5) == nil)
    #expect(one[5] < one[0])
  }

  /// `--dry-run` shows the sizes of the towers that are there, not the preset's, and says what a lock of 0 holds.
  @Test func aForecastIsOfTheTowersThatAreThere() throws {
    let configuration = try configuration("dry", ["initialize.lock.vision=0", "initialize.lock.text=1"])
    let forecast = try RunForecast(configuration, dataPath: place("scenes"), ranks: 1)
    #expect(
      forecast.remarks.filter { $0.contains("lock") } == [
        "initialize.lock.vision: 0 locks the image tower's projection too, which stays as it is drawn; 1 keeps that one "
          + "trained"
      ])
    let shown = forecast.configuration
    #expect(shown.model.vision.imageSize == 24 && shown.model.vision.heads == 4 && shown.model.text.width == 24)
    let lines = shown.yaml(withOrigins: true).split(separator: "\n").map {
      $0.split(separator: " ").joined(separator: " ")
    }
    #expect(
      lines.contains("# image_size: 24 # the model's own") && lines.contains("# context_length: 12 # the model's own"))
    #expect(lines.contains("embedding_width: 8 # --set") && !lines.contains { $0.contains("patch_size") })
    // What was written is taken again.
    let again = try RunConfiguration(yaml: shown.yaml(withOrigins: true), name: "run.yaml")
    #expect(try RunForecast(again, dataPath: place("scenes"), ranks: 1).parameters == forecast.parameters)
  }

  /// What is asked of towers beside those that are there.
  @Test(arguments: [
    ("model.vision.width=32", "the sizes of ViT are those of initialize.vision"),
    ("model.text.layers=1", "the sizes of BERT are those of initialize.text"),
    ("model.text.pooling=end", "BERT is pooled by pooler, class, mean"),
    ("model.text.context_length=13", "13 tokens, and the text tower has positions for 12"),
    ("objective.matching=1", "dual-encoder has no matching head"),
    ("initialize.weights=elsewhere", "initialize.weights is a whole model"),
  ])
  func whatDoesNotGoTogetherIsRefused(_ setting: String, _ words: String) throws {
    do {
      try train("refused", [setting])
      #expect(Bool(false), "\(setting) was taken")
    } catch {
      #expect("\(error)".contains(words), "\(error)")
      #expect((error as? any ReportableError)?.exitCode == .configuration)
    }
    #expect(!fileExists(place("refused/checkpoints")), "nothing half-written")
  }

  @Test func aModelOfItsOwnTowersTakesNoOthers() throws {
    let error = #expect(throws: ConfigurationError.self) { try configuration("clip", ["model.name=clip"]) }
    #expect(
      error?.description.contains("initialize.vision: clip makes no use of it") == true, "\(error?.description ?? "")")
  }
}
