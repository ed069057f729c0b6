import Checkpoints
import Collectives
import Configuration
import Files
import Reporting
import Safeguards
import Scenes
import TestSupport
import Testing
import Training

/// Features of locked towers are brought to mean 0 and deviation 1 by what they are over the split that is trained on.
@Suite(.serialized) struct StandardizedFeaturesTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try prepareScenes(SceneSettings(train: 41, validation: 7, test: 4, imageSize: 32), in: place)
  }

  private static let locks = ["initialize.lock.vision=1", "initialize.lock.text=1"]

  private func configuration(_ name: String, _ settings: [String]) throws -> RunConfiguration {
    let own = [
      "model.name=dual-encoder", "model.text.encoder=bert", "model.vision.encoder=vit", "model.vision.image_size=32",
      "model.vision.width=16", "model.vision.layers=1", "model.text.width=16", "model.text.layers=1",
      "model.embedding_width=8", "model.projection.standardize=both", "batch.global=10", "schedule.warmup_steps=0",
      "schedule.steps=6", "schedule.decay=constant", "data.augmentation=none", "data.workers=1",
      "checkpoint.every_steps=2", "evaluation.split=none", "output=\(place(name))",
    ]
    return try RunConfiguration(file: nil, settings: (own + settings).map { ConfigurationSetting($0) })
  }

  private func train(
    _ name: String, _ settings: [String] = Self.locks, faults: [Fault] = [],
    _ communicator: any Communicator = SoloCommunicator()
  ) throws {
    var options = RunOptions()
    options.faults = faults
    _ = try runTraining(
      configuration(name, settings), dataPath: place("scenes"), resume: .auto, options: options, threads: 1,
      communicator: communicator, output: .silent, logger: makeLogger(rank: nil))
  }

  private func weights(_ name: String) throws -> [UInt8] { try readFile(place("\(name)/last/model.safetensors")) }

  private func array(_ key: String, of name: String) throws -> [Float] {
    try SafetensorsFile(path: place("\(name)/last/model.safetensors")).floats(key)
  }

  @Test func momentsAreThoseOfAllRows() {
    var moments = FeatureMoments(width: 3)
    moments.add([1, 5, 2, 3, 5, 4])
    moments.add([8, 5, 9])
    #expect(moments.count == 3 && moments.mean == [4, 5, 5])
    // ((-3)² + (-1)² + 4²) / 3, and (9 + 1 + 16) / 3; a constant column is left as it is.
    #expect(moments.scale == [Float((26.0 / 3).squareRoot()), 1, Float((26.0 / 3).squareRoot())])
  }

  /// Kept states, or a pass over the split, on any number of ranks: the same bits.
  @Test(arguments: ["visual_projection", "text_projection"])
  func statisticsAreTheSameHoweverTheyAreFound(_ projection: String) throws {
    for (name, cache, ranks) in [("kept", "on", 1), ("pass", "off", 1), ("ranks", "off", 3), ("kept-ranks", "on", 2)] {
      _ = try InProcessCommunicator.run(ranks: ranks) {
        try train(name, Self.locks + ["memory.cache_locked=\(cache)"], $0)
      }
    }
    for array in ["mean", "scale"].map({ "\(projection).\($0)" }) {
      let found = try self.array(array, of: "kept")
      #expect(Set(found).count > 8, "\(array) was fitted")
      for other in ["pass", "ranks", "kept-ranks"] { #expect(try self.array(array, of: other) == found, "\(other)") }
    }
    #expect(try weights("kept") == weights("pass"))
  }

  /// A run that is killed goes on with the statistics and the kept states that it began with.
  @Test func aRunInPiecesEndsTheSame() throws {
    try train("whole")
    #expect(throws: (any Error).self) { try train("parts", faults: [Fault(kind: .exit, step: 5, rank: 0)]) }
    try train("parts")
    #expect(try weights("parts") == weights("whole"))
    let told = try String(decoding: readFile(place("parts/metrics.jsonl")), as: UTF8.self)
    #expect(told.contains("\"computed\":true") && !told.contains("other weights"))
  }

  /// What begins from such a model keeps its statistics, and may train its towers.
  @Test func statisticsComeWithWeights() throws {
    try train("first")
    let path = "initialize.weights=\(place("first"))/last"
    let configuration = try RunConfiguration(
      file: nil,
      settings: [
        "model.name=dual-encoder", path, "batch.global=10", "schedule.steps=3", "schedule.warmup_steps=0",
        "data.workers=1", "evaluation.split=none", "model.projection.vision_dropout=0.3", "output=\(place("second"))",
      ].map { ConfigurationSetting($0) })
    _ = try runTraining(
      configuration, dataPath: place("scenes"), resume: .auto, threads: 1, communicator: SoloCommunicator(),
      output: .silent, logger: makeLogger(rank: nil))
    let key = "visual_projection.scale"
    #expect(try array(key, of: "second") == array(key, of: "first"))
    let tower = "vision_model.pooler.dense.weight"
    #expect(try array(tower, of: "second") != array(tower, of: "first"))
  }

  /// A locked tower that drops a part of its states makes others in each step: they are not kept, and the reason is said.
  @Test func aTowerWithDropoutIsComputedEachTime() throws {
    try train("dropping", Self.locks + ["memory.cache_locked=on", "model.text.attention_dropout=0.1"])
    let told = try String(decoding: readFile(place("dropping/metrics.jsonl")), as: UTF8.self).split(separator: "\n")
      .filter { $0.contains("locked_tower") }
    #expect(
      told.count == 2 && told.contains { $0.contains("\"text\"") && $0.contains("a part of its states is dropped") })
    try train("plain")
    #expect(try array("text_projection.mean", of: "dropping") == array("text_projection.mean", of: "plain"))
    #expect(try weights("dropping") != weights("plain"))
  }

  @Test(arguments: [
    (["initialize.lock.vision=1"], "text tower is trained"), (["initialize.lock.vision=2"], "image tower is trained"),
  ])
  func aTowerThatIsTrainedIsRefused(_ locks: [String], _ words: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try train("refused", locks) }
    #expect("\(error.map { "\($0)" } ?? "")".contains("model.projection.standardize: the \(words)"))
  }
}
