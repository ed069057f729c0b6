import Collectives
import Configuration
import Files
import Reporting
import TestSupport
import Testing
import Training

/// A UNITER is trained on regions of the data, and on an image tower's tokens in their place.
@Suite(.serialized) struct UNITERRunTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try writeRegionSet(place("set"))
  }

  private func train(_ name: String, steps: Int = 6, ranks: Int = 1, _ more: [String] = []) throws -> [Float] {
    let settings =
      [
        "model.name=uniter", "model.text.context_length=12", "model.text.width=16", "model.text.layers=2",
        "model.text.heads=2", "batch.global=12", "schedule.steps=\(steps)", "schedule.warmup_steps=0",
        "schedule.decay=constant", "optimizer.learning_rate=0.003", "data.workers=1", "products=openblas",
        "output=\(place(name))",
      ] + more
    let configuration = try RunConfiguration(file: nil, settings: settings.map { ConfigurationSetting($0) })
    _ = try InProcessCommunicator.run(ranks: ranks) { communicator in
      try runTraining(
        configuration, dataPath: place("set"), resume: .auto, options: RunOptions(), threads: 1,
        communicator: communicator, output: .silent, logger: makeLogger(rank: nil))
    }
    return try String(decoding: readFile(place(name + "/metrics.jsonl")), as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix(#"{"event":"step""#) }
      .compactMap { $0.firstMatch(of: /"loss":([-+.0-9e]+)/).flatMap { Float($0.1) } }
  }

  /// Matching with random negatives and masked words, by default.
  @Test func ranksAddUpToOne() throws {
    let one = try train("one")
    #expect(one.count == 6)
    for ranks in [2, 3] {
      let many = try train("ranks\(ranks)", ranks: ranks)
      #expect(difference(many, one, relative: 1e-5) == nil, "\(ranks) ranks")
    }
  }

  @Test func goesOnWithTheSameBytes() throws {
    _ = try train("whole")
    _ = try train("pieces", steps: 2)
    _ = try train("pieces")
    let weights = { (name: String) in try readFile(place(name + "/last/model.safetensors")) }
    #expect(try weights("pieces") == weights("whole"))
  }

  /// With dropout, and on cells of a photo for which no detector is needed.
  @Test func aTowersTokensAreRegions() throws {
    let tower = [
      "model.vision.encoder=vit", "model.vision.image_size=16", "model.vision.patch_size=8", "model.vision.width=12",
      "model.vision.layers=1", "model.vision.heads=2", "model.text.dropout=0.1", "model.text.attention_dropout=0.1",
    ]
    let one = try train("one", tower)
    let two = try train("two", ranks: 2, tower)
    #expect(one.count == 6 && difference(two, one, relative: 1e-5) == nil)
    #expect(
      try GoldenFile(absolute: place("one/last/model.safetensors")).names.contains { $0.hasPrefix("vision_model.") })
  }

  @Test func whatItHasNotIsRefused() throws {
    for (setting, words) in [
      ("objective.contrastive=1", "uniter has no features of images and texts in one space"),
      ("model.vision.width=16", "name a tower with model.vision.encoder"),
      ("model.fusion.layers=2", "uniter makes no use of it"),
    ] {
      do {
        _ = try train("refused", [setting])
        #expect(Bool(false), "\(setting) was taken")
      } catch {
        #expect("\(error)".contains(words), "\(error)")
        #expect((error as? any ReportableError)?.exitCode == .configuration)
      }
    }
    #expect(!fileExists(place("refused/checkpoints")))
  }
}
