import Checkpoints
import Collectives
import Configuration
import Files
import Foundation
import Layers
import Models
import Pretrained
import Reporting
import Scenes
import TestSupport
import Testing
import Training

/// Whole runs of a small MobileCLIP: with the batch norm's own statistics, with the batch's, and folded.
@Suite(.serialized) struct MobileCLIPRunTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try prepareScenes(SceneSettings(train: 48, validation: 16, test: 16, imageSize: 56), in: place)
    try writeModel(to: place("model"))
  }

  /// The golden model with the prepared set's tokenizer.
  /// - Parameter weights: those of it as it is trained, or as timm has folded them.
  private func writeModel(
    to path: String, weights: String = "open_clip_model.safetensors", _ folding: Folding = .unfolded
  ) throws {
    let described = try ModelCatalogue.description(json: readFile("\(goldenDirectory)/mobileclip-tiny/config.json"))
    var sizes = try #require(described as? MobileCLIPConfiguration)
    (sizes.text.vocabularySize, sizes.text.contextLength, sizes.folding) = (560, 40, folding)
    let builder = ParameterBuilder()
    let model = MobileCLIP(sizes, builder)
    let arena = ParameterArena(builder)
    arena.initialize(seed: 3)
    let golden = try GoldenFile("mobileclip-tiny/\(weights)")
    for slice in arena.slices where try golden.array(slice.name).shape == slice.shape {
      _ = arena.weights(of: slice).update(from: try golden.floats(slice.name))
    }
    try makeDirectory(path)
    let tensors = arena.slices.map {
      NamedTensor(name: $0.name, shape: $0.shape, floats: UnsafeBufferPointer(arena.weights(of: $0)))
    }
    try withExtendedLifetime((model, arena)) { try writeSafetensors(tensors, to: path + "/model.safetensors") }
    sizes.text.endToken = 559
    try writeAtomically(sizes.json(), to: path + "/config.json")
    try writeAtomically(readFile(place("scenes") + "/tokenizer.json"), to: path + "/tokenizer.json")
  }

  private func train(
    _ name: String, _ settings: [String], ranks: Int = 1, nodeSize: Int? = nil, steps: Int = 3
  ) throws -> String {
    let common = [
      "initialize.weights=\(place("model"))", "batch.global=16", "schedule.warmup_steps=0", "schedule.decay=constant",
      "schedule.steps=\(steps)", "optimizer.learning_rate=1e-4", "data.workers=1", "evaluation.split=none",
      "output=\(place(name))",
    ]
    let configuration = try RunConfiguration(
      file: nil, settings: (common + settings).map { ConfigurationSetting($0) })
    _ = try InProcessCommunicator.run(ranks: ranks, nodeSize: nodeSize) { communicator in
      try runTraining(
        configuration, dataPath: place("scenes"), resume: .auto, threads: 1, communicator: communicator,
        output: .silent, logger: makeLogger(rank: nil))
    }
    return place(name)
  }

  private func weights(_ run: String) throws -> SafetensorsFile { try Checkpoint(path: run + "/last").weights() }

  private func losses(_ run: String) throws -> [Double] {
    struct Line: Decodable { let loss: Double? }
    return try readFile(run + "/metrics.jsonl").split(separator: 10).compactMap {
      try JSONDecoder().decode(Line.self, from: Data($0)).loss
    }
  }

  private func isStatistic(_ name: String) -> Bool { name.contains(".running_") }

  /// Three ranks have parts of different sizes.
  @Test(arguments: ["frozen", "synchronised"])
  func ranksAddUpToOne(mode: String) throws {
    let settings = ["model.batch_norm=\(mode)"]
    let alone = try train("alone", settings)
    let (before, one) = (try SafetensorsFile(path: place("model") + "/model.safetensors"), try weights(alone))
    for entry in one.entries where isStatistic(entry.name) {
      #expect(try (one.floats(entry.name) == before.floats(entry.name)) == (mode == "frozen"), "\(entry.name)")
    }
    #expect(try losses(alone).count == 3)
    for ranks in [2, 3] {
      let together = try train("\(ranks) ranks", settings, ranks: ranks)
      #expect(difference(try losses(together), try losses(alone), relative: 1e-5) == nil, "\(ranks) ranks")
      let many = try weights(together)
      for entry in one.entries where isStatistic(entry.name) {
        let report = try difference(many.floats(entry.name), one.floats(entry.name), relative: 1e-5, scale: .largest)
        #expect(report == nil, "\(entry.name), \(ranks) ranks")
      }
    }
  }

  /// Neither a thread that sums gradients meanwhile, nor blocks that run again, change a bit.
  @Test func statisticsAreSummedBesideEverythingElse() throws {
    let settings = ["model.batch_norm=synchronised"]
    let runs = try [
      train("plain", settings + ["communication.overlap=off"], ranks: 4, nodeSize: 2),
      train("overlap", settings + ["communication.overlap=on"], ranks: 4, nodeSize: 2),
      train("again", settings + ["memory.recompute=blocks"], ranks: 4, nodeSize: 2),
    ].map { try readFile($0 + "/last/model.safetensors") }
    #expect(runs[0] == runs[1])
    #expect(runs[0] == runs[2])
    let alone = try losses(train("alone", settings))
    #expect(difference(try losses(place("plain")), alone, relative: 1e-5) == nil)
  }

  @Test(arguments: ["model.batch_norm=synchronised", "model.reparameterize=true"])
  func aRunInTwoPiecesEndsWithTheSameBytes(setting: String) throws {
    let whole = try train("whole", [setting], ranks: 2, steps: 4)
    _ = try train("pieces", [setting], ranks: 2, steps: 2)
    let pieces = try train("pieces", [setting], ranks: 2, steps: 4)
    for name in ["model.safetensors", "training_state/optimizer.safetensors"] {
      #expect(try readFile(whole + "/last/" + name) == readFile(pieces + "/last/" + name), "\(name)")
    }
  }

  /// Convolutions and padded texts: kept states are those that are computed, whoever else is normalised by the batch.
  @Test(arguments: ["frozen", "synchronised"])
  func keptStatesAreThoseOfARunThatComputes(mode: String) throws {
    let settings = [
      "initialize.lock.vision=1", "initialize.lock.text=1", "data.augmentation=none", "model.batch_norm=\(mode)",
    ]
    let runs = try ["off", "on"].map { try train($0, settings + ["memory.cache_locked=\($0)"]) }
    #expect(try readFile(runs[0] + "/last/model.safetensors") == readFile(runs[1] + "/last/model.safetensors"))
    #expect(try String(decoding: readFile(runs[1] + "/metrics.jsonl"), as: UTF8.self).contains("\"kept\":true"))
  }

  @Test func lockedNormsKeepTheirStatistics() throws {
    let run = try train("locked", ["model.batch_norm=synchronised", "initialize.lock.vision=2"], steps: 1)
    let (before, after) = (try SafetensorsFile(path: place("model") + "/model.safetensors"), try weights(run))
    for entry in after.entries where isStatistic(entry.name) {
      let isOpen = entry.name.hasPrefix("visual.trunk.final_conv.") || entry.name.hasPrefix("visual.trunk.stages.3.")
      #expect(try (after.floats(entry.name) != before.floats(entry.name)) == isOpen, "\(entry.name)")
    }
  }

  @Test func partsOfABatchAddUpWithFrozenStatistics() throws {
    let whole = try losses(train("whole", []))
    let parts = try losses(train("parts", ["batch.micro=3", "objective.matching=0"], ranks: 2))
    #expect(difference(parts, whole, relative: 1e-5) == nil)
  }

  /// The same model, with one convolution where there were branches: it begins at the same loss, is trained on any number of
  /// ranks and begun from again.
  @Test func aFoldedModelIsTrained() throws {
    let branched = try losses(train("branched", []))
    let folded = try train("folded", ["model.reparameterize=true"])
    #expect(difference(try losses(folded)[0], branched[0], relative: 1e-5) == nil)
    #expect(
      try difference(losses(train("together", ["model.reparameterize=true"], ranks: 3)), losses(folded), relative: 1e-5)
        == nil)
    let names = try weights(folded).entries.map(\.name)
    #expect(names.contains { $0.hasSuffix("reparam_conv.weight") } && !names.contains(where: isStatistic))
    let directory = try ModelDirectory(path: folded + "/last")
    #expect((directory.description as? any FoldableDescription)?.folding == .whole)
    #expect(try directory.loadingReport().isExact)
    let again = try train("again", ["initialize.weights=\(folded)/last"], steps: 1)
    #expect(try losses(again)[0] < branched[0])
    let error = #expect(throws: TrainingError.self) {
      try train("normed", ["initialize.weights=\(folded)/last", "model.batch_norm=synchronised"])
    }
    #expect(error?.exitCode == .configuration)
    #expect(error?.description.contains("as its branches are folded") == true, "\(error?.description ?? "")")
  }

  /// What timm has folded begins at the loss of the model that it was made of; the rest of it is folded too.
  @Test func whatTimmHasFoldedIsTrained() throws {
    try writeModel(to: place("timm's"), weights: "folded/open_clip_model.safetensors", .branches)
    let branched = try losses(train("branched", []))
    let folded = try train("folded", ["initialize.weights=\(place("timm's"))"])
    #expect(difference(try losses(folded)[0], branched[0], relative: 1e-5) == nil)
    let trained = try ModelDirectory(path: folded + "/last").description as? any FoldableDescription
    #expect(trained?.folding == .whole)
    let whole = try losses(train("whole", ["model.reparameterize=true"]))
    #expect(difference(try losses(folded), whole, relative: 1e-4) == nil)
    #expect(throws: TrainingError.self) {
      try train("normed", ["initialize.weights=\(place("timm's"))", "model.batch_norm=synchronised"])
    }
  }

  @Test(arguments: [false, true])
  func theSigmoidLossBringsABias(isFolded: Bool) throws {
    let settings = ["objective.contrastive=0", "objective.sigmoid=1", "model.reparameterize=\(isFolded)"]
    let run = try train("sigmoid", settings)
    let bias = try weights(run).floats("logit_bias")[0]
    #expect(bias != -10 && abs(bias + 10) < 0.01)
    let again = try train("again", settings + ["initialize.weights=\(run)/last"], steps: 1)
    #expect(try weights(again).floats("logit_bias")[0] != bias)
  }

  @Test(arguments: ["model.batch_norm=synchronised", "model.reparameterize=true"])
  func whatAModelDoesNotHaveIsRefused(setting: String) throws {
    let towers = ["initialize.weights=none", "model.name=clip"]
    let error = #expect(throws: TrainingError.self) { try train("clip", towers + [setting]) }
    #expect(error?.exitCode == .configuration)
  }
}
