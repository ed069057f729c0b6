import Batching
import Collectives
import Configuration
import Evaluation
import Files
import Reporting
import Safeguards
import Scenes
import TestSupport
import Testing
import Training

/// Hidden regions are learnt, measured and gone on with, by themselves and in UNITER's mix of tasks.
@Suite(.serialized) struct MaskedRegionRunTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try writeRegionSet(place("set"), regions: withClasses)
  }

  private static let small = [
    "model.text.context_length=12", "model.text.width=16", "model.text.layers=2", "model.text.heads=2",
    "model.fusion.width=16", "model.fusion.layers=2", "model.fusion.heads=2", "batch.global=12",
    "schedule.warmup_steps=0", "schedule.decay=constant", "optimizer.learning_rate=0.003", "data.workers=1",
    "evaluation.every_epochs=0", "products=openblas",
  ]
  /// Keys that not every model knows.
  private static func sizes(_ model: String) -> [String] {
    small.filter { model == "vilbert" || !$0.hasPrefix("model.fusion") } + ["model.name=\(model)"]
  }

  private func configuration(_ name: String, _ model: String, _ more: [String]) throws -> RunConfiguration {
    try RunConfiguration(
      file: nil,
      settings: (Self.sizes(model) + ["output=\(place(name))"] + more).map { ConfigurationSetting($0) })
  }

  private func train(
    _ name: String, _ more: [String], model: String = "uniter", ranks: Int = 1, faults: [Fault] = [],
    data: String = "set"
  ) throws {
    var options = RunOptions()
    options.faults = faults
    let configuration = try configuration(name, model, more)
    _ = try InProcessCommunicator.run(ranks: ranks) { [options] communicator in
      try runTraining(
        configuration, dataPath: place(data), resume: .auto, options: options, threads: 1,
        communicator: communicator, output: .silent, logger: makeLogger(rank: nil))
    }
  }

  private func lines(_ name: String, _ event: String) throws -> [Substring] {
    try String(decoding: readFile(place(name + "/metrics.jsonl")), as: UTF8.self).split(separator: "\n")
      .filter { $0.contains("\"event\":\"\(event)\"") }
  }

  private func losses(_ name: String) throws -> [Float] {
    try lines(name, "step").compactMap { $0.firstMatch(of: /"loss":([-+.0-9e]+)/).flatMap { Float($0.1) } }
  }

  private func evaluated(_ name: String, ranks: Int = 1) throws -> MaskedRegionMetrics? {
    try InProcessCommunicator.run(ranks: ranks) { communicator in
      let report = try evaluateModel(
        at: place(name + "/last"), data: place("set"), split: "validation", rerankDepth: 0, threads: 1,
        communicator: communicator, output: .silent)
      return (report as? EvaluationReport)?.maskedRegions
    }[0]
  }

  private static let mix = [
    "objective.mix=sampled", "objective.matching=2", "objective.masked_text=2", "objective.masked_regions.features=1",
    "objective.masked_regions.distribution=1", "objective.alignment=0.1",
  ]
  /// A head of ViLBERT's tells one of the two.
  private static func mix(_ model: String) -> [String] {
    mix.filter { model != "vilbert" || !$0.contains("features") }
  }
  private static func only(_ kind: String) -> [String] {
    ["objective.matching=0", "objective.masked_text=0", "objective.masked_regions.\(kind)=1"]
  }

  // MARK: What is learnt

  /// Only the text, and the regions that are seen, tell which of four numbers was the large one: that their mean is told costs
  /// (2² · 2/9) · 3/4 = 0.67 a number.
  @Test(arguments: ["uniter", "vilbert"]) func featuresAreLearnt(_ model: String) throws {
    try train(
      "run", Self.only("features") + ["schedule.steps=150", "optimizer.learning_rate=0.01", "batch.global=36"],
      model: model)
    let found = try #require(try evaluated("run"))
    #expect(try #require(found.featureError) < 0.1, "\(found)")
    #expect(found.accuracy == nil || model == "vilbert")
    let losses = try losses("run")
    #expect(losses[0] > 0.5 && losses[149] < 0.1, "\(losses[0]) \(losses[149])")
  }

  @Test(arguments: ["uniter", "vilbert"], ["classes", "distribution"])
  func classesAreLearnt(_ model: String, _ kind: String) throws {
    try train(
      "run", Self.only(kind) + ["schedule.steps=80", "optimizer.learning_rate=0.01", "batch.global=36"], model: model)
    let found = try #require(try evaluated("run"))
    #expect(found.accuracy == 100, "\(found)")
    if kind == "distribution" { #expect(try #require(found.divergence) < 0.05, "\(found)") }
    let line = try #require(try lines("run", "evaluation").last)
    #expect(line.contains("\"masked_regions\":{"), "\(line)")
  }

  /// What a run says of its last weights is what `evaluate` says of them, which adds intervals, on any number of ranks.
  @Test func figuresHaveIntervals() throws {
    try train("run", Self.only("distribution") + ["schedule.steps=10"])
    let one = try #require(try evaluated("run"))
    let interval = try #require(one.intervals?["divergence"])
    #expect(interval.low < one.divergence ?? 0 && one.divergence ?? 0 < interval.high)
    for ranks in [2, 3] {
      let many = try #require(try evaluated("run", ranks: ranks))
      #expect(many.regions == one.regions && many.accuracy == one.accuracy)
      #expect(abs((many.divergence ?? 0) - (one.divergence ?? 1)) < 1e-5)
    }
  }

  // MARK: Ranks, and going on

  @Test(arguments: ["uniter", "vilbert"]) func ranksAddUpToOne(_ model: String) throws {
    let settings = Self.mix(model) + ["schedule.steps=12"]
    try train("one", settings, model: model)
    let one = try losses("one")
    #expect(one.count == 12)
    for ranks in [2, 3] {
      try train("ranks\(ranks)", settings, model: model, ranks: ranks)
      #expect(difference(try losses("ranks\(ranks)"), one, relative: 1e-5) == nil, "\(ranks) ranks")
    }
  }

  /// Killed in the middle of a mix and gone on with: the same bytes, and the same tasks in the same steps.
  @Test func goesOnWithTheSameBytes() throws {
    let settings = Self.mix + ["schedule.steps=12", "checkpoint.every_steps=4"]
    try train("whole", settings)
    #expect(throws: (any Error).self) {
      try train("parts", settings, faults: [Fault(kind: .exit, step: 7, rank: 0)])
    }
    try train("parts", settings)
    let weights = { (name: String) in try readFile(place(name + "/last/model.safetensors")) }
    #expect(try weights("parts") == weights("whole"))
    let names = try lines("whole", "step").compactMap { $0.firstMatch(of: /"losses":\{"([a-z_.]+)"/)?.1 }
    #expect(Set(names).count >= 3, "\(names)")
  }

  /// Cells of a photo, of which no detector knows: their pixels, and what a locked tower makes of them. That is not kept from step to
  /// step, as other cells are hidden in each.
  @Test func cellsOfAnImageTowerAreLearnt() throws {
    try prepareScenes(SceneSettings(train: 24, validation: 6, test: 4, imageSize: 32), in: place)
    let tower =
      [
        "model.vision.encoder=vit", "model.vision.image_size=32", "model.vision.patch_size=16", "model.vision.width=16",
        "model.vision.layers=1", "model.vision.heads=2", "initialize.lock.vision=0", "memory.cache_locked=on",
        "schedule.steps=6", "objective.masked_regions.pixels=1",
      ] + Self.only("features")
    try train("one", tower, model: "vilbert", data: "scenes")
    let one = try losses("one")
    try train("two", tower, model: "vilbert", ranks: 2, data: "scenes")
    let two = try losses("two")
    #expect(one.count == 6 && difference(two, one, relative: 1e-5) == nil)
    let kept = try String(decoding: readFile(place("one/metrics.jsonl")), as: UTF8.self)
    #expect(kept.contains("masked_regions.features hides parts of photos, others in each epoch"))
    let line = try #require(try lines("one", "evaluation").last)
    #expect(line.contains("feature_error") && line.contains("pixel_error"), "\(line)")
  }

  /// One transformer over words and patches learns pixels of hidden ones; the head is saved and read again.
  @Test func pixelsOfPatchesAreLearnt() throws {
    try prepareScenes(SceneSettings(train: 24, validation: 6, test: 4, imageSize: 32), in: place)
    let settings = [
      "model.name=vilt", "model.vision.image_size=32", "model.vision.patch_size=8", "model.vision.width=16",
      "model.vision.layers=1", "model.vision.heads=2", "model.text.context_length=12", "batch.global=12",
      "schedule.warmup_steps=0", "schedule.decay=constant", "optimizer.learning_rate=0.01", "schedule.steps=60",
      "data.workers=1", "evaluation.every_epochs=0", "products=openblas", "output=\(place("vilt"))",
    ]
    let configuration = try RunConfiguration(
      file: nil, settings: (settings + Self.only("pixels")).map { ConfigurationSetting($0) })
    _ = try runTraining(
      configuration, dataPath: place("scenes"), resume: .auto, threads: 1, communicator: SoloCommunicator(),
      output: .silent, logger: makeLogger(rank: nil))
    let losses = try losses("vilt")
    // The mean of a patch, 0, costs 1 a pixel.
    #expect(losses[0] > 0.95 && losses.suffix(10).reduce(0, +) / 10 < 0.9, "\(losses)")
    let report = try evaluateModel(
      at: place("vilt/last"), data: place("scenes"), split: "validation", rerankDepth: 0, threads: 1,
      communicator: SoloCommunicator(), output: .silent)
    let found = try #require((report as? EvaluationReport)?.maskedRegions)
    #expect(found.accuracy == nil && found.featureError == nil)
    #expect(try #require(found.pixelError) < 0.95, "\(found)")
  }

  // MARK: Bad input

  private func refusal(
    _ settings: [String], data: String = "set", model: String = "uniter"
  ) throws -> (words: String, code: ExitCode?) {
    let error = #expect(throws: (any Error).self) { try train("refused", settings, model: model, data: data) }
    #expect(!fileExists(place("refused/checkpoints")))
    return ("\(error.map { "\($0)" } ?? "")", (error as? any ReportableError)?.exitCode)
  }

  /// What is missing is said with how to get it.
  @Test func dataWithoutClassesAreRefused() throws {
    try writeRegionSet(place("plain"))
    let plain = try refusal(Self.only("distribution"), data: "plain")
    #expect(plain.words.contains("uniter has no head for the classes of hidden regions"), "\(plain)")
    #expect(plain.words.contains("prepare them from .npz files with soft_labels") && plain.code == .configuration)
    try writeRegionSet(place("some")) { $0 == 9 ? $1 : try withClasses($0, $1) }
    let some = try refusal(Self.only("classes") + ["schedule.steps=10"], data: "some")
    #expect(some.words.contains("sample k109") && some.words.contains("no probabilities of classes"), "\(some)")
    #expect(some.code == .badData)
  }

  /// Heads that are there tell what they tell.
  @Test func classesThatDoNotFitTheHeadAreRefused() throws {
    try train("run", Self.only("classes") + ["schedule.steps=1"])
    try writeRegionSet(place("other")) { number, regions in
      try RegionFeatures(
        features: regions.features, boxes: regions.boxes,
        probabilities: [UInt16](repeating: 0x3000, count: 8 * regions.count))
    }
    let sizes = Self.small.filter { !$0.hasPrefix("model.") }
    let settings =
      sizes + Self.only("classes") + ["initialize.weights=\(place("run/last"))", "output=\(place("next"))"]
    let configuration = try RunConfiguration(file: nil, settings: settings.map { ConfigurationSetting($0) })
    let error = #expect(throws: (any Error).self) {
      try runTraining(
        configuration, dataPath: place("other"), resume: .auto, threads: 1, communicator: SoloCommunicator(),
        output: .silent, logger: makeLogger(rank: nil))
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains("its weights tell 5 classes, and the data's regions have 8"))
    #expect((error as? any ReportableError)?.exitCode == .configuration)
  }

  @Test func whatItCannotTellIsRefused() throws {
    let pixels = try refusal(Self.only("pixels"))
    #expect(pixels.words.contains("its regions are no patches of pixels; set model.vision.encoder to vit"), "\(pixels)")
    let both = try refusal(
      ["objective.masked_regions.features=1", "objective.masked_regions.classes=1"], model: "vilbert")
    #expect(both.words.contains("its one head for hidden regions tells 4 numbers"), "\(both)")
    for share in ["0", "1"] {
      let nothing = try refusal(["objective.masked_regions.share=\(share)"])
      #expect(nothing.words.contains("give a number above 0 and below 1"), "\(nothing)")
    }
  }
}
