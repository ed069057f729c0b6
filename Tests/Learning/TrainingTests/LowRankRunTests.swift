import Checkpoints
import Collectives
import Configuration
import Evaluation
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

/// Runs that learn low-rank updates alone: what their checkpoints hold, how they go on, and what becomes of them.
@Suite(.serialized) struct LowRankRunTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try prepareScenes(SceneSettings(train: 48, validation: 16, test: 16, imageSize: 48), in: place)
    _ = try train("base", ["schedule.steps=2"])
  }

  private var base: String { place("base/last") }

  @discardableResult
  private func train(
    _ name: String, _ settings: [String], resume: ResumePolicy = .auto,
    communicator: any Communicator = SoloCommunicator()
  ) throws -> String {
    let common = [
      "model.name=clip", "model.vision.width=32", "model.vision.layers=1", "model.text.width=32", "model.text.layers=1",
      "model.embedding_width=16", "batch.global=16", "schedule.warmup_steps=0", "schedule.decay=constant",
      "data.workers=1", "output=\(place(name))",
    ]
    let configuration = try RunConfiguration(
      file: nil, settings: (common + settings).map { ConfigurationSetting($0) })
    return try runTraining(
      configuration, dataPath: place("scenes"), resume: resume, threads: 1, communicator: communicator,
      output: .silent, logger: makeLogger(rank: nil)
    ).directory + "/last"
  }

  private var updates: [String] {
    ["initialize.weights=\(base)", "model.lora.rank=4", "model.lora.alpha=8", "optimizer.learning_rate=0.01"]
  }

  private func tune(_ name: String, steps: Int, _ more: String...) throws -> String {
    try train(name, updates + ["schedule.steps=\(steps)"] + more)
  }

  private func floats(_ path: String) throws -> [(name: String, values: [Float])] {
    let directory = try ModelDirectory(path: path)
    let builder = ParameterBuilder()
    _ = directory.description.make(builder)
    let arena = ParameterArena(builder)
    try directory.loadWeights(into: arena)
    return arena.slices.map { ($0.name, Array(arena.weights(of: $0))) }
  }

  /// A checkpoint is an adapter as PEFT keeps it, with moments of the updates alone.
  @Test func checkpointsHoldTheUpdates() throws {
    let tuned = try Checkpoint(path: tune("tuned", steps: 2))
    #expect(!fileExists(tuned.path + "/model.safetensors"))
    let weights = try tuned.weights()
    let layers = ["vision_model", "text_model"].flatMap { tower in
      ["q_proj", "v_proj"].map { "\(tower).encoder.layers.0.self_attn.\($0)" }
    }
    let keys = layers.flatMap { layer in ["A", "B"].map { "\(layer).lora_\($0).weight" } }
    #expect(Set(weights.entries.map(\.name)) == Set(keys.map { "base_model.model." + $0 }))
    #expect(weights.entry(named: "base_model.model." + keys[0])?.shape == [4, 32])
    #expect(weights.entry(named: "base_model.model." + keys[1])?.shape == [32, 4])
    #expect(try tuned.state().entries.count == 2 * keys.count)
    let settings = String(decoding: try readFile(tuned.path + "/adapter_config.json"), as: UTF8.self)
    for part in ["\"peft_type\": \"LORA\"", "\"r\": 4", "\"lora_alpha\": 8", try #require(absolutePath(base))] {
      #expect(settings.contains(part), "\(settings)")
    }
  }

  /// W + alpha/r B A where a layer is adapted, and the first weights everywhere else; so it is exported, and measured.
  @Test func theModelIsTheBaseWithTheUpdates() throws {
    let tuned = try tune("tuned", steps: 2)
    let file = try Checkpoint(path: tuned).weights()
    let merged = try floats(tuned)
    for ((name, before), (_, after)) in zip(try floats(base), merged) {
      let layer = "base_model.model." + name.dropLast(7)
      guard file.entry(named: layer + ".lora_A.weight") != nil, name.hasSuffix(".weight") else {
        #expect(before == after, "\(name)")
        continue
      }
      let (a, b) = (try file.floats(layer + ".lora_A.weight"), try file.floats(layer + ".lora_B.weight"))
      let expected = before.indices.map { place in
        before[place] + 2 * (0..<4).reduce(0) { $0 + b[place / 32 * 4 + $1] * a[$1 * 32 + place % 32] }
      }
      #expect(difference(after, expected, relative: 1e-6, floor: 1e-7) == nil, "\(name)")
      #expect(after != before)
    }
    _ = try exportModel(ModelDirectory(path: tuned), as: .huggingFace, to: place("exported"))
    for ((name, first), (_, second)) in zip(merged, try floats(place("exported"))) {
      #expect(first == second, "\(name)")
    }
    let reports = try [tuned, place("exported")].map {
      try evaluateModel(
        at: $0, data: place("scenes"), split: "test", rerankDepth: 0, threads: 1, communicator: SoloCommunicator(),
        output: .silent) as? EvaluationReport
    }
    #expect(reports[0] == reports[1] && reports[0]?.retrieval?.images == 16)
  }

  /// What is locked without anybody's asking is said before it happens.
  @Test func whatIsLearntIsSaid() throws {
    func remarks(_ settings: String...) throws -> [String] {
      let all = ["data.path=\(place("scenes"))", "batch.global=16"] + updates + settings
      let configuration = try RunConfiguration(file: nil, settings: all.map { ConfigurationSetting($0) })
      return try RunForecast(configuration, dataPath: place("scenes"), ranks: 1).remarks
        .filter { $0.hasPrefix("model.lora") }
    }
    // Two matrices of 4 × 32 for queries and values of two blocks.
    let learnt = "model.lora: 4 layers learn updates of rank 4, 1024 numbers; "
    #expect(try remarks() == [learnt + "all others keep their weights"])
    #expect(
      try remarks("model.lora.train=[logit_scale, visual_projection.*]")
        == [learnt + "513 are trained whole, of logit_scale, visual_projection.*; all others keep their weights"])
  }

  private func losses(_ name: String) throws -> [Float] {
    let lines = String(decoding: try readFile(place(name + "/metrics.jsonl")), as: UTF8.self).split(separator: "\n")
    return lines.filter { $0.contains("\"event\":\"step\"") }.compactMap { step in
      step.range(of: "\"loss\":").flatMap { Float(step[$0.upperBound...].prefix { $0 != "," }) }
    }
  }

  /// The first step begins from the base, as B is zero, and the second from the model that a checkpoint of the first holds. A
  /// batch is all there is, so every step sees the same.
  @Test func lossesAreThoseOfTheModelThatIsKept() throws {
    let all = ["batch.global=48", "data.caption=first"]
    _ = try train("tuned", updates + all + ["schedule.steps=2"])
    _ = try train("base again", all + ["initialize.weights=\(base)", "schedule.steps=1"])
    let kept = try train("begun", updates + all + ["schedule.steps=1"])
    _ = try train("kept again", all + ["initialize.weights=\(kept)", "schedule.steps=1"])
    let (tuned, expected) = (try losses("tuned"), try losses("base again") + losses("kept again"))
    #expect(tuned.count == 2 && abs(tuned[0] - tuned[1]) > 1e-3)
    #expect(difference(tuned, expected, relative: 1e-5) == nil)
  }

  /// On any number of ranks, and broken off and gone on with, the bytes are the same as in one piece.
  @Test(arguments: [(1, "fp32"), (2, "bf16"), (3, "fp32")])
  func aRunInPiecesEndsAlike(ranks: Int, precision: String) throws {
    func run(_ name: String, steps: Int) throws -> String {
      let settings =
        updates + [
          "schedule.steps=\(steps)", "precision=\(precision)", "communication.overlap=\(ranks > 1 ? "on" : "off")",
        ]
      return try InProcessCommunicator.run(ranks: ranks) { try train(name, settings, communicator: $0) }[0]
    }
    let whole = try run("whole", steps: 5)
    _ = try run("parts", steps: 2)
    let parts = try run("parts", steps: 5)
    for file in ["adapter_model.safetensors", "training_state/optimizer.safetensors"] {
      #expect(try readFile(whole + "/" + file) == readFile(parts + "/" + file), "\(file)")
    }
    guard ranks > 1, precision == "fp32" else { return }
    let (one, several) = (try floats(tune("alone", steps: 5)), try floats(whole))
    for ((name, first), (_, second)) in zip(one, several) {
      #expect(difference(second, first, relative: 1e-3, floor: 2e-5) == nil, "\(name)")
    }
  }

  /// What is to be trained whole is, and is kept; what a model adds to its towers always is.
  @Test func whatIsTrainedWholeIsKeptToo() throws {
    let fused = try train(
      "fused",
      updates + [
        "model.name=cross-attention", "model.fusion.width=32", "model.fusion.layers=1", "schedule.steps=2",
        "model.lora.train=[visual_projection.*, logit_scale]", "model.lora.targets=[\"vision_model.*fc1\"]",
      ])
    let names = Set(try Checkpoint(path: fused).weights().entries.map { String($0.name.dropFirst(17)) })
    let own = names.filter { $0.hasPrefix("fusion.") || $0.hasPrefix("matching_head.") }
    #expect(own.count > 20 && !own.contains { $0.contains("lora") })
    #expect(
      names.subtracting(own) == [
        "logit_scale", "visual_projection.weight", "vision_model.encoder.layers.0.mlp.fc1.lora_A.weight",
        "vision_model.encoder.layers.0.mlp.fc1.lora_B.weight",
      ])
    let (before, after) = (try floats(base), try floats(fused))
    let changed = before.filter { old in after.contains { $0.name == old.name && $0.values != old.values } }.map(\.name)
    #expect(changed == ["logit_scale", "vision_model.encoder.layers.0.mlp.fc1.weight", "visual_projection.weight"])
  }

  /// An adapter means nothing without its base, and something else with another one.
  @Test func anotherBaseIsRefused() throws {
    let tuned = try tune("tuned", steps: 1)
    let other = try train("other", ["schedule.steps=2", "seed=1"])
    try writeAtomically(readFile(other + "/model.safetensors"), to: base + "/model.safetensors")
    let error = #expect(throws: PretrainedError.self) { _ = try floats(tuned) }
    #expect(error?.description.contains("is an adapter for another model than") == true, "\(error?.description ?? "")")
    #expect(error?.exitCode == .missingInput)
    #expect(throws: PretrainedError.self) { try tune("tuned", steps: 2) }
    let path = try #require(absolutePath(base))
    try removeTree(place("base"))
    let gone = #expect(throws: PretrainedError.self) { _ = try floats(tuned) }
    #expect(gone?.description.contains("is not at \(path); put it there") == true, "\(gone?.description ?? "")")
  }

  @Test(arguments: [
    ("model.lora.targets=[q_prok]", "'q_prok' matches no linear layer; did you mean q_proj?"),
    ("model.lora.targets=[\"*query\"]", "'*query' matches no linear layer; their names end in"),
    ("model.lora.targets=[layer_norm1]", "'layer_norm1' matches no linear layer"),
    ("model.lora.targets=[]", "no layer is to have an update"),
    ("model.lora.rank=33", "33 is more than text_model.encoder.layers.0.self_attn.q_proj has, which is 32 × 32"),
    ("model.lora.train=[visual_projecton.*]", "matches no parameter; did you mean visual_projection.*?"),
    ("model.lora.train=[\"*q_proj.bias\"]", "but they are computed as one"),
    ("model.lora.train=[\"*\"]", "names only layers that are trained whole"),
    ("model.lora.rank=0", "without a rank no layer has an update"),
    ("initialize.freeze=[logit_scale]", "beside updates everything is frozen but"),
    ("initialize.lock.vision=0", "beside updates everything is frozen"),
    ("initialize.strict=false", "updates need all of the model"),
    ("initialize.weights=none", "updates are added to a model that knows something"),
  ])
  func mistakesAreNamed(setting: String, expected: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try tune("mistaken", steps: 1, setting) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    #expect(error?.exitCode == .configuration)
  }

  /// Updates of updates would need both models: a whole one is exported first.
  @Test func anAdapterIsNoBase() throws {
    let tuned = try tune("tuned", steps: 1)
    let error = #expect(throws: ConfigurationError.self) {
      try tune("again", steps: 1, "initialize.weights=\(tuned)")
    }
    #expect(error?.description.contains("is an adapter, and updates are added to a whole model") == true)
    // All of it can be trained on, merged.
    _ = try train("on", ["initialize.weights=\(tuned)", "schedule.steps=1", "optimizer.learning_rate=1e-12"])
    for ((name, first), (_, second)) in zip(try floats(tuned), try floats(place("on/last"))) {
      #expect(difference(second, first, relative: 1e-5, floor: 1e-7) == nil, "\(name)")
    }
  }

  /// What cannot change once a run has begun.
  @Test func theRankStays() throws {
    _ = try tune("tuned", steps: 1)
    let error = #expect(throws: ConfigurationError.self) { try tune("tuned", steps: 2, "model.lora.alpha=9") }
    #expect(error?.description.contains("model.lora.alpha: 8.0 → 9.0") == true, "\(error?.description ?? "")")
  }
}
