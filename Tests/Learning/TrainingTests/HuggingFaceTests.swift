import Batching
import Checkpoints
import Collectives
import Configuration
import Files
import Layers
import Logging
import Models
import Preparation
import Pretrained
import Reporting
import Scenes
import TensorEngine
import TestSupport
import Testing
import Training

/// A `clip` that mmtrain trained is a `CLIPModel` for Python: it loads without a word about keys, and computes the same
/// logits on padded captions.
@Suite struct HuggingFaceTests {
  @Test(
    .enabled(if: python != nil, "set MMTRAIN_PYTHON to a Python with torch and transformers"), .timeLimit(.minutes(3)))
  func aTrainedCheckpointLoadsInTransformers() throws {
    let place = try TemporaryDirectory()
    let checkpoint = try train(in: place)
    try writeInputsAndLogits(of: checkpoint, to: place("ours.safetensors"), data: place("scenes"))
    let interpreter = try #require(python)
    let result = try run(
      interpreter, [goldenDirectory + "/check_transformers.py", checkpoint, place("ours.safetensors")])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    print(result.output)
  }

  /// An adapter that mmtrain trained is PEFT's, and what PEFT makes of it is mmtrain's again.
  @Test(
    .enabled(if: python != nil, "set MMTRAIN_PYTHON to a Python with torch, transformers and peft"),
    .timeLimit(.minutes(3)))
  func aTrainedAdapterLoadsInPEFT() throws {
    let place = try TemporaryDirectory()
    let base = try train(in: place)
    let adapter = try train(
      in: place, "tuned", "initialize.weights=\(base)", "model.lora.rank=3", "optimizer.learning_rate=0.01",
      "model.lora.targets=[q_proj, k_proj, fc2, text_projection]",
      "model.lora.train=[logit_scale, \"vision_model.post_layernorm.*\"]")
    try writeInputsAndLogits(of: adapter, to: place("ours.safetensors"), data: place("scenes"))
    let interpreter = try #require(python)
    let result = try run(
      interpreter, [goldenDirectory + "/check_lora.py", adapter, place("ours.safetensors"), place("theirs")])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    print(result.output)
    let weights = try [adapter, place("theirs")].map { path in
      let directory = try ModelDirectory(path: path)
      let builder = ParameterBuilder()
      _ = directory.description.make(builder)
      let arena = ParameterArena(builder)
      try directory.loadWeights(into: arena)
      return arena.slices.filter { $0.name != "logit_scale" }.map { Array(arena.weights(of: $0)) }
    }
    #expect(weights[0] == weights[1])
  }

  private func train(in place: TemporaryDirectory, _ name: String = "run", _ more: String...) throws -> String {
    if !fileExists(place("scenes")) {
      let zip = place("scenes.zip")
      try writeScenes(to: zip, settings: SceneSettings(train: 128, validation: 16, test: 16, imageSize: 48))
      var request = PreparationRequest(source: .archive(path: zip), output: place("scenes"), threads: 2)
      request.tokenizer = .train(vocabularySize: 600)
      try prepare(request)
    }
    let settings = [
      "model.name=clip", "batch.global=32", "schedule.epochs=3", "schedule.warmup_steps=2",
      "output=\(place(name))",
    ]
    let outcome = try runTraining(
      RunConfiguration(file: nil, settings: (settings + more).map { ConfigurationSetting($0) }),
      dataPath: place("scenes"),
      resume: .never, threads: 2, communicator: SoloCommunicator(), output: .silent, logger: makeLogger(rank: nil))
    #expect(outcome.isComplete && outcome.step == 12)
    return outcome.directory + "/last"
  }

  /// Pixels, captions padded with the end token as Hugging Face does, and e^scale · image · textᵀ.
  private func writeInputsAndLogits(of checkpoint: String, to path: String, data: String) throws {
    let directory = try ModelDirectory(path: checkpoint)
    let builder = ParameterBuilder()
    let model = try #require(directory.description.make(builder) as? any FeatureModel)
    let arena = ParameterArena(builder)
    try directory.loadWeights(into: arena)
    let towers = try #require(directory.description as? CLIPConfiguration)
    let loader = try EvaluationLoader(
      dataSet: PreparedDataSet(path: data), split: "test", tokenizer: directory.tokenizer,
      contextLength: towers.text.contextLength, preprocessing: directory.preprocessing, chunk: 8)
    let chunk = try #require(try loader.next())

    let engine = Engine(threadCount: 1)
    let tape = Tape(engine, recording: false)
    let side = towers.vision.imageSize
    let photos = try #require(chunk.columns.pixels)
    let captions = try #require(chunk.columns.captions)
    let pixels = engine.tensor(photos.array(), shape: [chunk.count, 3, side, side])
    let text = PackedText(ids: captions.ids, offsets: captions.offsets.map { Int($0) })
    let (images, texts) = (model.features(images: ImageInput(pixels), tape), model.features(texts: text, tape))
    let scale = Float(model.logitFactor)
    let logits = engine.similarities(images, texts).values().map { scale * $0 }
    let padded = (0..<text.count).flatMap { caption -> [Int32] in
      let ids = text.ids[text.offsets[caption]..<text.offsets[caption + 1]]
      return ids + [Int32](repeating: towers.text.endToken, count: towers.text.contextLength - ids.count)
    }
    try writeSafetensors(
      [
        NamedTensor(name: "pixel_values", elementType: .float32, shape: pixels.shape, copying: pixels.values()),
        NamedTensor(
          name: "input_ids", elementType: .int32, shape: [text.count, towers.text.contextLength], copying: padded),
        NamedTensor(name: "logits", elementType: .float32, shape: [chunk.count, text.count], copying: logits),
      ], to: path)
  }
}
