import Checkpoints
import Collectives
import Configuration
import Evaluation
import Files
import Foundation
import Images
import Preparation
import Pretrained
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
    try prepareScenes(SceneSettings(train: 48, validation: 16, test: 16, imageSize: 48), in: place)
  }

  private func train(
    _ name: String, _ settings: [String], resume: ResumePolicy = .auto, options: RunOptions = RunOptions(),
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
      configuration, dataPath: place("scenes"), resume: resume, options: options, threads: 1,
      communicator: communicator,
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

  /// What a figure was measured on, and by which program, can be read later.
  @Test func aStartTellsWhatItRunsOn() throws {
    var options = RunOptions()
    options.machine = RunMachine(version: "1.2.3", processor: #"A "CPU""#, cores: 3, memoryBytes: 1 << 33)
    let run = try train(
      "machine", ["model.name=clip", "schedule.steps=1", "evaluation.split=none"], options: options)
    let log = String(decoding: try readFile(run.directory + "/metrics.jsonl"), as: UTF8.self)
    #expect(log.contains(#","version":"1.2.3","processor":"A \"CPU\"","cores":3,"memory_bytes":8589934592}"#))
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

  /// On request what fits is loaded: here the text tower, while the wider image tower begins anew.
  @Test func whatFitsIsTakenOnRequest() throws {
    let towers = try train("towers", ["model.name=clip", "schedule.steps=1"])
    let wider = try train(
      "wider",
      [
        "model.name=clip", "model.vision.width=64", "initialize.weights=\(towers.directory)/last",
        "initialize.strict=false", "schedule.steps=1", "optimizer.learning_rate=1e-9",
      ])
    let before = try Checkpoint(path: towers.directory + "/last").weights()
    let after = try Checkpoint(path: wider.directory + "/last").weights()
    #expect(after.entry(named: "vision_model.embeddings.class_embedding")?.shape == [64])
    for entry in before.entries where entry.name.hasPrefix("text_model.") {
      let report = try difference(after.floats(entry.name), before.floats(entry.name), relative: 1e-4, floor: 1e-6)
      #expect(report == nil, "\(entry.name)")
    }
  }

  /// A locked tower and a frozen table keep their bits on any number of ranks, have no moments, and stay frozen when the run
  /// goes on.
  @Test(arguments: [1, 3])
  func whatIsFrozenStays(ranks: Int) throws {
    let towers = try train("towers", ["model.name=clip", "schedule.steps=1"])
    let before = try Checkpoint(path: towers.directory + "/last")
    let settings = [
      "model.name=clip", "initialize.weights=\(towers.directory)/last", "initialize.lock.vision=1",
      "initialize.freeze=text_model.embeddings.token_embedding.*", "optimizer.layer_decay=0.5", "data.workers=1",
      "communication.overlap=\(ranks > 1 ? "on" : "off")",
    ]
    func run(_ more: String...) throws -> Checkpoint {
      let outcomes = try InProcessCommunicator.run(ranks: ranks) {
        try train("tuned", settings + more, communicator: $0)
      }
      return try Checkpoint(path: outcomes[0].directory + "/last")
    }
    func isFrozen(_ name: String) -> Bool { name.hasPrefix("vision_model.") || name.contains("token_embedding") }
    for steps in [2, 3] {
      let after = try run("schedule.steps=\(steps)")
      let (old, new, moments) = (try before.weights(), try after.weights(), try after.state())
      for entry in new.entries {
        #expect(try (new.floats(entry.name) == old.floats(entry.name)) == isFrozen(entry.name), "\(entry.name)")
        #expect((moments.entry(named: "exp_avg." + entry.name) == nil) == isFrozen(entry.name), "\(entry.name)")
      }
    }
    guard ranks == 1 else { return }
    let error = #expect(throws: ConfigurationError.self) { try run("schedule.steps=4", "initialize.lock.vision=0") }
    #expect(error?.description.contains("initialize.lock.vision: 1 → 0") == true, "\(error?.description ?? "")")
  }

  /// The sigmoid loss brings its bias along, beside the contrastive loss or instead of it, and from towers that have none.
  @Test func theSigmoidLossLearnsABias() throws {
    let towers = try train("towers", ["model.name=clip", "schedule.steps=1"])
    let settings = ["model.name=clip", "objective.contrastive=0", "objective.sigmoid=1", "schedule.steps=2"]
    let fresh = try Checkpoint(path: train("fresh", settings).directory + "/last")
    let tuned = try train("tuned", settings + ["initialize.weights=\(towers.directory)/last"])
    let again = try train("again", settings + ["initialize.weights=\(tuned.directory)/last"])
    #expect(try abs(fresh.weights().floats("logit_scale")[0] - 2.3026) < 0.01)
    for directory in [fresh.path, tuned.directory + "/last", again.directory + "/last"] {
      let bias = try Checkpoint(path: directory).weights().floats("logit_bias")[0]
      #expect(bias != -10 && abs(bias + 10) < 0.01)
      let configuration = try readFile(directory + "/config.json")
      #expect(String(decoding: configuration, as: UTF8.self).contains("\"logit_bias_init_value\" : -10"))
    }
    let lines = try String(decoding: readFile(tuned.directory + "/metrics.jsonl"), as: UTF8.self)
    #expect(lines.contains("\"losses\":{\"sigmoid\":"))
  }

  /// One objective a step, drawn: a run that is broken off and goes on draws the same ones, and masks the same words.
  @Test func aSampledMixGoesOnAsIfNothingHadBeen() throws {
    let mix = [
      "model.name=cross-attention", "model.text.causal=false", "model.fusion.width=32", "model.fusion.layers=1",
      "objective.masked_text=2", "objective.mix=sampled", "schedule.decay=constant", "evaluation.split=none",
    ]
    let whole = try train("whole", mix + ["schedule.steps=7"])
    _ = try train("parts", mix + ["schedule.steps=4"])
    let parts = try train("parts", mix + ["schedule.steps=7"])
    for file in ["model.safetensors", "training_state/optimizer.safetensors"] {
      #expect(try readFile(whole.directory + "/last/" + file) == readFile(parts.directory + "/last/" + file), "\(file)")
    }
    let lines = try metrics(whole).filter { $0.contains("\"event\":\"step\"") }
    let names = ["contrastive", "matching", "masked_text"].filter { name in
      lines.contains { $0.contains("\"losses\":{\"\(name)\":") }
    }
    #expect(lines.count == 7 && names.count > 1, "\(names)")
  }

  /// Masked words are the same in every evaluation, and however many ranks share them.
  @Test func maskedWordsAreMeasuredAlikeOnAnyRanks() throws {
    let outcome = try train(
      "masked",
      [
        "model.name=cross-attention", "model.text.causal=false", "model.fusion.width=32", "model.fusion.layers=1",
        "objective.masked_text=1", "objective.matching=0", "schedule.steps=2",
      ])
    @Sendable func report(_ communicator: any Communicator) throws -> EvaluationReport? {
      try evaluateModel(
        at: outcome.directory + "/last", data: place("scenes"), split: "validation", rerankDepth: 0, threads: 1,
        communicator: communicator, output: .silent) as? EvaluationReport
    }
    let alone = try #require(try report(SoloCommunicator())?.maskedText)
    #expect(alone.tokens > 16 && alone.perplexity > 1 && alone.perplexity < 560)
    for other in try InProcessCommunicator.run(ranks: 3, report) {
      let masked = try #require(other?.maskedText)
      #expect(masked.tokens == alone.tokens && masked.accuracy == alone.accuracy)
      #expect(abs(masked.perplexity - alone.perplexity) < 1e-4 * alone.perplexity)
      #expect(masked.accuracyWithOtherPhotos == alone.accuracyWithOtherPhotos)
      #expect(masked.intervals?["accuracy"] == alone.intervals?["accuracy"])
    }
    // Another photo is another input: the model that looks at it tells something else.
    let blind = try #require(alone.perplexityWithOtherPhotos)
    #expect(abs(blind - alone.perplexity) > 1e-6 && abs(blind - alone.perplexity) < 0.1 * alone.perplexity)
    #expect(alone.perplexityDifference == alone.perplexity - blind)
    #expect(alone.intervals?.count == 6)
  }

  /// What nobody stated and is decided all the same is said, by a dry run too.
  @Test func whatIsDecidedIsSaid() throws {
    let towers = try train("towers", ["model.name=clip", "schedule.steps=1"])
    func remarks(_ settings: String...) throws -> [String] {
      let configuration = try RunConfiguration(
        file: nil,
        settings: (["batch.global=16", "data.path=\(place("scenes"))"] + settings).map { ConfigurationSetting($0) })
      return try RunForecast(configuration, dataPath: place("scenes"), ranks: 1).remarks
    }
    #expect(try remarks().isEmpty)
    let left = try remarks("initialize.weights=\(towers.directory)/last")
    #expect(
      left.count == 1 && left[0].hasPrefix("the recipe's objective.matching is left out: clip has no matching head"))
    let hidden = try remarks("model.text.causal=false", "objective.masked_text=1")
    #expect(hidden.count == 1 && hidden[0].hasPrefix("the vocabulary has no [MASK]: the start token"))
  }

  /// Training reads squares: a model whose own pictures keep their shape is told of it, and what is trained is saved with squares.
  @Test func shapesBecomeSquaresWhereItIsSaid() throws {
    let settings = [
      "model.name=vilt", "initialize.weights=\(goldenDirectory)/predictions/words", "batch.global=8",
      "schedule.steps=1",
      "schedule.warmup_steps=0", "output=\(place("squares"))", "evaluation.split=none",
    ]
    let configuration = try RunConfiguration(file: nil, settings: settings.map { ConfigurationSetting($0) })
    let remarks = try RunForecast(configuration, dataPath: place("scenes"), ranks: 1).remarks
    #expect(remarks.contains { $0.contains("keep their shape: here they are squashed") }, "\(remarks)")
    let outcome = try runTraining(
      configuration, dataPath: place("scenes"), resume: .auto, threads: 1, communicator: SoloCommunicator(),
      output: .silent, logger: makeLogger(rank: nil))
    let saved = try ModelDirectory(path: outcome.directory + "/last")
    #expect(saved.shaped == nil && saved.preprocessing.imageSize == 32 && saved.preprocessing.fit == .squash)
  }

  private func metrics(_ outcome: TrainingOutcome) throws -> [Substring] {
    String(decoding: try readFile(outcome.directory + "/metrics.jsonl"), as: UTF8.self).split(separator: "\n")
  }

  /// Another image size and another length of text than the weights were made for.
  @Test func positionsAreInterpolated() throws {
    let towers = try train("towers", ["model.name=clip", "schedule.steps=1"])
    let sizes = ["model.vision.image_size=64", "model.text.context_length=30"]
    let tuned = try train(
      "tuned",
      ["initialize.weights=\(towers.directory)/last", "schedule.steps=1", "optimizer.learning_rate=1e-9"] + sizes)
    let (old, new) = try (
      Checkpoint(path: towers.directory + "/last").weights(), Checkpoint(path: tuned.directory + "/last").weights()
    )
    let vision = "vision_model.embeddings.position_embedding.weight"
    let expected = interpolatedPositions(try old.floats(vision), old: 6, new: 8, width: 32)
    #expect(try difference(new.floats(vision), expected, relative: 1e-4, floor: 1e-6) == nil)
    let text = "text_model.embeddings.position_embedding.weight"
    let positions = interpolatedPositions(ofText: try old.floats(text), old: 40, new: 30, width: 32)
    #expect(try difference(new.floats(text), positions, relative: 1e-4, floor: 1e-6) == nil)
  }

  /// On simulated nodes of two ranks: the same weights, bit by bit, and the losses of one rank.
  @Test func sumsBesideTheBackwardPassGiveTheSameWeights() throws {
    let settings = ["model.name=cross-attention", "schedule.steps=10", "data.workers=1"]
    let weights = try ["off", "on", "auto"].map { overlap in
      let outcomes = try InProcessCommunicator.run(ranks: 4, nodeSize: 2) {
        try train(overlap, settings + ["communication.overlap=\(overlap)"], communicator: $0)
      }
      return try readFile(outcomes[0].directory + "/last/model.safetensors")
    }
    #expect(weights[0] == weights[1] && weights[0] == weights[2])
    let found = try ["off", "on", "auto"].map {
      try String(decoding: readFile(place($0 + "/metrics.jsonl")), as: UTF8.self)
        .components(separatedBy: "{\"event\":\"overlap\",\"step\":8,").count
    }
    #expect(found == [1, 1, 2], "where nobody says, the first eight steps decide")
    let alone = try Checkpoint(path: train("alone", settings).directory + "/last").weights()
    let last = try Checkpoint(path: place("on") + "/last")
    #expect(last.ranks == 4)
    let together = try last.weights()
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
