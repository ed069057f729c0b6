import Collectives
import Configuration
import Files
import Models
import Pretrained
import Reporting
import Scenes
import TestSupport
import Testing
import Training

/// Runs of models in which image and text meet from the start, begun from towers of others.
@Suite(.serialized) struct BegunStreamsRunTests {
  private let place: TemporaryDirectory
  private let towers: TinyTowers

  init() throws {
    place = try TemporaryDirectory()
    towers = try TinyTowers(in: place.path)
    try prepareScenes(SceneSettings(train: 8, validation: 4, test: 4, imageSize: 32), in: place)
  }

  private func train(_ name: String, _ settings: [String]) throws {
    let all =
      [
        "initialize.text=\(towers.text)", "batch.global=4", "schedule.steps=1", "schedule.warmup_steps=0",
        "optimizer.learning_rate=0", "optimizer.weight_decay=0", "data.workers=1", "evaluation.split=none",
        "products=openblas",
        "output=\(place(name))",
      ] + settings
    _ = try runTraining(
      RunConfiguration(file: nil, settings: all.map { ConfigurationSetting($0) }), dataPath: place("scenes"),
      resume: .never,
      options: RunOptions(), threads: 1, communicator: SoloCommunicator(), output: .silent,
      logger: makeLogger(rank: nil))
  }

  /// A step of no length leaves the weights as they were read; the checkpoint has the tower's tokenizer and loads.
  @Test(arguments: [
    ("vilbert", ["model.fusion.layers=1", "model.vision.encoder=vit"], "bert.embeddings."),
    ("uniter", ["model.vision.encoder=patches"], "uniter.embeddings."),
    ("vilt", ["model.vision.image_size=32"], "vilt.embeddings.text_embeddings."),
    ("mmbert", ["model.vision.image_size=32"], "bert.embeddings."),
    ("fusion", ["model.text.encoder=words", "model.vision.image_size=32"], "text_model.embeddings."),
  ]) func aRunBeginsFromABERT(_ name: String, _ settings: [String], _ prefix: String) throws {
    try train(name, ["model.name=\(name)"] + settings)
    let (ours, theirs) = (
      try GoldenFile(absolute: place(name + "/last/model.safetensors")), try GoldenFile("bert-tiny/model.safetensors")
    )
    let key = "word_embeddings.weight"
    #expect(try ours.floats(prefix + key) == theirs.floats("embeddings." + key))
    let again = try ModelDirectory(path: place(name + "/last"))
    #expect(again.description.texts.vocabularySize == 40 && again.description.name == name)
    try again.requireFittingWeights()
  }

  /// What no file has is drawn, and as it is where nothing is read at all.
  @Test func whatIsNotReadIsDrawn() throws {
    let settings = ["model.name=fusion", "model.text.encoder=words", "model.vision.image_size=32"]
    try train("drawn", settings + ["initialize.text=none", "model.text.width=32"])
    try train("begun", settings)
    let (drawn, begun) = (
      try GoldenFile(absolute: place("drawn/last/model.safetensors")),
      try GoldenFile(absolute: place("begun/last/model.safetensors"))
    )
    let others = begun.names.filter { !$0.hasPrefix("text_model.") }
    #expect(others.count > 10 && others.count < begun.names.count)
    for name in others where name.hasPrefix("vision_model.") {
      #expect(try begun.floats(name) == drawn.floats(name), "\(name)")
    }
    // Zeros are what memory begins with.
    for name in others where name.hasSuffix("weight") {
      #expect(try begun.floats(name).contains { $0 != 0 }, "\(name)")
    }
  }

  /// Weights of patches of 32 pixels on pictures of 48: the positions are brought there, and are no others where nothing is learnt. A
  /// tower that has no such positions keeps its size.
  @Test(arguments: [
    ("uniter", ["model.vision.encoder=patches"], "vision_model.position_embeddings.weight", 0),
    (
      "vilbert", ["model.vision.encoder=patches", "model.fusion.layers=1"], "vision_model.position_embeddings.weight", 0
    ),
    ("fusion", [], "vision_model.position_embeddings.weight", 0),
    ("vilt", [], "vilt.embeddings.position_embeddings", 1),
  ]) func otherPicturesHaveOtherPositions(_ name: String, _ settings: [String], _ table: String, _ first: Int) throws {
    let sizes = ["model.vision.image_size=32", "model.vision.patch_size=8"]
    try train("small", ["model.name=\(name)"] + settings + sizes)
    let next = ["initialize.text=none", "initialize.weights=\(place("small/last"))", "model.vision.image_size=48"]
    try train("large", next)
    let old = try GoldenFile(absolute: place("small/last/model.safetensors")).array(table)
    let new = try GoldenFile(absolute: place("large/last/model.safetensors")).array(table)
    let width = try #require(old.shape.last)
    #expect(new.values.count == (first + 36) * width)
    #expect(new.values == interpolatedPositions(cornersOf: old.values, first: first, old: 4, new: 6, width: width))
    #expect(try ModelDirectory(path: place("large/last")).description.images == .pictures(side: 48))
  }

  @Test func aTowerWithoutSuchPositionsKeepsItsSize() throws {
    let sizes = ["model.vision.image_size=32", "model.vision.patch_size=16"]
    try train("small", ["model.name=uniter", "model.vision.encoder=vit"] + sizes)
    let next = ["initialize.text=none", "initialize.weights=\(place("small/last"))", "model.vision.image_size=48"]
    let error = #expect(throws: TrainingError.self) { try train("large", next) }
    #expect("\(error.map { "\($0)" } ?? "")".contains("only positions of patches are brought to others"))
  }
}
