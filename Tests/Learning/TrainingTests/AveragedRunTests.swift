import Checkpoints
import Collectives
import Configuration
import Evaluation
import Files
import Preparation
import Pretrained
import Reporting
import Scenes
import TestSupport
import Testing
import Training

/// Runs with `optimizer.average`: what their checkpoints hold, however the run was divided.
@Suite(.serialized) struct AveragedRunTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    let zip = place("scenes.zip")
    try writeScenes(to: zip, settings: SceneSettings(train: 16, validation: 4, test: 4, imageSize: 48))
    var request = PreparationRequest(source: .archive(path: zip), output: place("scenes"), threads: 1)
    request.tokenizer = .train(vocabularySize: 560)
    try prepare(request)
  }

  private func train(_ name: String, steps: Int, ranks: Int = 1, _ settings: String...) throws {
    let own = [
      "model.name=clip", "model.vision.width=16", "model.vision.layers=1", "model.text.width=16", "model.text.layers=1",
      "model.embedding_width=8", "batch.global=8", "schedule.warmup_steps=0", "schedule.decay=constant",
      "schedule.steps=\(steps)", "evaluation.split=none", "checkpoint.every_steps=1", "checkpoint.keep=10",
      "initialize.freeze=text_model.embeddings.token_embedding.*", "optimizer.average=0.75", "output=\(place(name))",
    ]
    let configuration = try RunConfiguration(file: nil, settings: (own + settings).map { ConfigurationSetting($0) })
    _ = try InProcessCommunicator.run(ranks: ranks) {
      try runTraining(
        configuration, dataPath: place("scenes"), resume: .auto, threads: 1, communicator: $0, output: .silent,
        logger: makeLogger(rank: nil))
    }
  }

  private func checkpoint(_ name: String, _ step: Int) throws -> Checkpoint {
    try Checkpoint(path: place(name + "/checkpoints/step-000000\(step)"))
  }

  private func bytes(_ name: String, _ file: String) throws -> [UInt8] { try readFile(place(name + "/last/" + file)) }

  /// Each checkpoint's average is the one before it and the weights beside it; the first one is its weights. Steps 1 and 2 are
  /// one rank's, 3 and 4 those of three: the average goes over.
  @Test func theAverageFollowsTheWeightsOverAnyRanks() throws {
    try train("run", steps: 2)
    try train("run", steps: 4, ranks: 3)
    var average = try checkpoint("run", 1).weights()
    for step in 1...4 {
      let saved = try checkpoint("run", step)
      let (weights, found) = try (saved.weights(), #require(try saved.averagedWeights()))
      #expect(found.entries.map(\.name).sorted() == weights.entries.map(\.name).sorted())
      for entry in weights.entries {
        let expected = try zip(average.floats(entry.name), weights.floats(entry.name)).map { $0 + ($1 - $0) * 0.25 }
        let report = try difference(found.floats(entry.name), expected, relative: 1e-6, floor: 1e-7)
        #expect(report == nil, "\(entry.name) of step \(step)")
        if step == 4, !entry.name.contains("token_embedding"), entry.name.hasSuffix("weight") {
          #expect(try found.floats(entry.name) != weights.floats(entry.name), "\(entry.name)")
        }
      }
      average = found
    }
  }

  /// In pieces as in one, to the last bit.
  @Test(arguments: [1, 3]) func aRunInPiecesEndsWithTheSameAverage(ranks: Int) throws {
    try train("whole", steps: 4, ranks: ranks)
    for steps in [1, 3, 4] { try train("parts", steps: steps, ranks: ranks) }
    for file in ["model.safetensors", "average.safetensors", "training_state/optimizer.safetensors"] {
      #expect(try bytes("whole", file) == bytes("parts", file), "\(file)")
    }
  }

  /// It changes nothing of the weights; it may begin late, and end.
  @Test func anAverageMayBeginLateAndEnd() throws {
    try train("off", steps: 4, "optimizer.average=none")
    #expect(try checkpoint("off", 4).averagedWeights() == nil)
    try train("run", steps: 1, "optimizer.average=0")
    #expect(try checkpoint("run", 1).averagedWeights() == nil)
    try train("run", steps: 3)
    let (second, third) = try (checkpoint("run", 2), checkpoint("run", 3))
    #expect(try second.averagedWeights()?.floats("logit_scale") == second.weights().floats("logit_scale"))
    #expect(
      try third.averagedWeights()?.floats("visual_projection.weight")
        != third.weights().floats("visual_projection.weight"))
    try train("run", steps: 4, "optimizer.average=none")
    #expect(try checkpoint("run", 4).averagedWeights() == nil)
    #expect(try bytes("run", "model.safetensors") == bytes("off", "model.safetensors"))
  }

  /// A checkpoint's average is a model like any other: measured, and exported.
  @Test func theAverageIsAModel() throws {
    try train("run", steps: 3)
    let path = place("run/last/average.safetensors")
    let report = try evaluateModel(
      at: path, data: place("scenes"), split: "test", rerankDepth: 0, threads: 1, communicator: SoloCommunicator(),
      output: .silent)
    #expect((report as? EvaluationReport)?.retrieval?.images == 4)
    _ = try exportModel(ModelDirectory(path: path), as: .huggingFace, to: place("exported"))
    let (exported, average) = try (
      SafetensorsFile(path: place("exported/model.safetensors")), #require(try checkpoint("run", 3).averagedWeights())
    )
    for entry in average.entries { #expect(try exported.floats(entry.name) == average.floats(entry.name)) }
  }
}
