import Configuration
import Files
import Models
internal import Objectives
import TestSupport
import Testing

@Suite struct ConfigurationMergeTests {
  @Test func laterSourcesWin() throws {
    let text = """
      model: { preset: small, vision: { width: 512 } }
      optimizer:
        learning_rate: 1e-4
      batch: { global: 64 }
      """
    let configuration = try RunConfiguration(
      yaml: text, name: "run.yaml", settings: [.init("batch.global=32"), .init("batch.global=16")])
    #expect(configuration.preset == .small)
    #expect(configuration.model.vision.width == 512)
    #expect(configuration.model.vision.imageSize == 112)
    #expect(configuration.optimizer.learningRate == 1e-4)
    #expect(configuration.batch.global == 16)
    let origins = configuration.origins
    #expect(origins.origin(of: "model.vision.image_size") == .preset("small"))
    #expect(origins.origin(of: "model.vision.width") == .file(path: "run.yaml", line: 1, column: 42))
    #expect(origins.origin(of: "optimizer.learning_rate") == .file(path: "run.yaml", line: 3, column: 18))
    #expect(origins.origin(of: "batch.global") == .option("--set"))
    #expect(origins.origin(of: "seed") == .builtIn)
    #expect(configuration.isStated("model.vision"))
    #expect(!configuration.isStated("model.text"))
  }

  @Test func thePresetOfTheCommandLineLiesBelowTheFile() throws {
    let configuration = try RunConfiguration(
      yaml: "model: { preset: tiny, vision: { width: 192 } }", name: "a", settings: [.init("model.preset=vit-b-32")])
    #expect(configuration.model.vision.width == 192)
    #expect(configuration.model.vision.heads == 12)
    #expect(configuration.origins.origin(of: "model.vision.heads") == .preset("vit-b-32"))
  }

  @Test func nothingGivenIsTheBuiltInRecipe() throws {
    let configuration = try RunConfiguration(file: nil)
    #expect(configuration.preset == .tiny)
    #expect(configuration.model.vision.imageSize == 48)
    #expect(configuration.data.path == nil)
    #expect(configuration.outputDirectory == "runs/cross-attention-tiny")
    #expect(configuration == (try RunConfiguration(yaml: "", name: "empty")))
    #expect(configuration == (try RunConfiguration(yaml: "# only a comment\n", name: "empty")))
  }

  @Test func aModelBringsItsObjectives() throws {
    #expect(try RunConfiguration(file: nil).objective["matching"] == 1)
    let plain = try RunConfiguration(file: nil, settings: [.init("model.name=clip")])
    #expect(plain.objective["matching"] == 0)
    #expect(plain.outputDirectory == "runs/clip-tiny")
  }

  @Test(arguments: [
    (ModelPreset.vitB32, 32, 768, 12, 512), (.vitB16, 16, 768, 12, 512), (.vitL14, 14, 1024, 24, 768),
  ])
  func publishedSizes(preset: ModelPreset, patch: Int, width: Int, layers: Int, embedding: Int) throws {
    let model = try RunConfiguration(file: nil, settings: [.init("model.preset=\(preset.rawValue)")]).model
    #expect(model.vision.imageSize == 224)
    #expect(model.vision.patchSize == patch)
    #expect(model.vision.width == width)
    #expect(model.vision.layers == layers)
    #expect(model.vision.width / model.vision.heads == 64)
    #expect(model.text.width / model.text.heads == 64)
    #expect(model.text.vocabularySize == 49408)
    #expect(model.text.contextLength == 77)
    #expect(model.embeddingWidth == embedding)
  }

  @Test func stepsTakeEpochsBack() throws {
    let bySteps = try RunConfiguration(file: nil, settings: [.init("schedule.steps=70")])
    #expect(bySteps.schedule.steps == 70)
    #expect(bySteps.schedule.epochs == nil)
    let byEpochs = try RunConfiguration(
      yaml: "schedule: { steps: 70 }", name: "a", settings: [.init("schedule.epochs=3")])
    #expect(byEpochs.schedule.steps == nil)
    #expect(byEpochs.schedule.epochs == 3)
    #expect(throws: ConfigurationError.self) {
      try RunConfiguration(yaml: "schedule: { steps: 70, epochs: 2 }", name: "a")
    }
  }

  @Test func ofSeveralFilesTheLaterOneWins() throws {
    let place = try TemporaryDirectory()
    try writeAtomically("batch: { global: 64 }\nseed: 1\nschedule: { steps: 70 }\n".utf8, to: place("a.yaml"))
    try writeAtomically("batch: { global: 32 }\nschedule: { epochs: 2 }\n".utf8, to: place("b.yaml"))
    let configuration = try RunConfiguration(
      files: [place("a.yaml"), place("b.yaml")], settings: [.init("batch.micro=auto")])
    #expect(configuration.batch.global == 32 && configuration.seed == 1)
    #expect(configuration.schedule.epochs == 2 && configuration.schedule.steps == nil)
    #expect(configuration.origins.origin(of: "seed") == .file(path: place("a.yaml"), line: 2, column: 7))
  }

  @Test func theWarmUpIsGivenInOneWay() throws {
    let inSteps = try RunConfiguration(file: nil, settings: [.init("schedule.warmup_steps=7")])
    #expect(inSteps.schedule.warmupSteps == 7 && inSteps.schedule.warmupFraction == nil)
    let asAPart = try RunConfiguration(
      yaml: "schedule: { warmup_steps: 7 }", name: "a", settings: [.init("schedule.warmup_fraction=0.25")])
    #expect(asAPart.schedule.warmupSteps == nil && asAPart.schedule.warmupFraction == 0.25)
    #expect(throws: ConfigurationError.self) {
      try RunConfiguration(yaml: "schedule: { warmup_steps: 7, warmup_fraction: 0.1 }", name: "a")
    }
  }

  @Test(arguments: ModelPreset.allCases, ModelCatalogue.names)
  func theTextReadsBackAsTheSame(preset: ModelPreset, name: String) throws {
    guard preset != .base || !ModelCatalogue.publishedSizes(of: name).isEmpty else { return }
    var configuration = try RunConfiguration(
      file: nil,
      settings: [
        .init("model.preset=\(preset.rawValue)"), .init("model.name=\(name)"), .init("data.path=a b/c: #1"),
        .init("output=none"), .init("data.split=true"), .init("evaluation.split=0"), .init("schedule.steps=20000"),
        .init("optimizer.learning_rate=2.5e-5"),
      ])
    configuration.initialize.weights = "none"
    #expect(try RunConfiguration(yaml: configuration.yaml(), name: "again") == configuration)
    #expect(try RunConfiguration(yaml: configuration.yaml(withOrigins: true), name: "again") == configuration)
  }

  @Test func sizesThatAModelHasNotAreRefused() {
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(file: nil, settings: [.init("model.name=clip"), .init("model.preset=base")])
    }
    #expect(error?.description.contains("clip has no sizes called base; choose another preset") == true)
    let unused = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(file: nil, settings: [.init("model.name=clip"), .init("model.regions.limit=5")])
    }
    #expect(unused?.description.contains("model.regions.limit: clip makes no use of it") == true)
  }

  /// What the authors of a model published of its pre-training lies below what somebody states.
  @Test func publishedRecipesAreOfTheirModels() throws {
    func read(_ name: String, _ preset: String, _ more: String...) throws -> RunConfiguration {
      try RunConfiguration(
        file: nil, settings: (["model.name=\(name)", "model.preset=\(preset)"] + more).map { ConfigurationSetting($0) })
    }
    let uniter = try read("uniter", "base")
    #expect(uniter.objective.mix == .sampled)
    #expect(
      uniter.objective.weights == [
        "matching": 2, "masked_text": 2, "masked_regions.features": 1, "masked_regions.distribution": 1,
        "alignment": 0.1,
      ])
    #expect(uniter.optimizer.learningRate == 5e-5 && uniter.optimizer.gradientClip == 5)
    let path = "objective.masked_regions.distribution"
    #expect(uniter.origins.origin(of: path) == .preset("base") && !uniter.isStated(path))
    let drops = try read("vilbert", "base").model.text
    #expect(drops.dropout == 0.1 && drops.attentionDropout == 0.1)
    let vilbert = try read("vilbert", "base").objective
    #expect(vilbert.mix == .sum && vilbert["masked_regions.distribution"] == 1)
    #expect(vilbert.maskedRegions.kept == 0.1 && vilbert.maskedRegions.overlap == 0.4)
    #expect(try read("uniter", "tiny").objective.weights == ["matching": 1, "masked_text": 1])
    #expect(try read("uniter", "base", "objective.mix=sum").objective.mix == .sum)
  }
}
