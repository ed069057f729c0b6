import Checkpoints
import Collectives
import Evaluation
import Files
import Images
import Inference
import Layers
import Models
import Pretrained
import Reporting
import TestSupport
import Testing
import Training

/// Fusion models and MMBERT are trained, saved, read and measured like all others.
@Suite(.serialized) struct FusionRunTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try writeRegionSet(place("set"))
  }

  private static let fusion = [
    "model.name=fusion", "model.text.context_length=12", "model.text.width=12", "model.fusion.width=16",
    "model.fusion.layers=2", "model.fusion.heads=2",
  ]
  private static let patches = ["model.vision.image_size=16", "model.vision.patch_size=8", "model.vision.width=16"]

  private func runs(_ settings: [String] = []) -> SmallRuns { SmallRuns(Self.fusion + settings, in: place) }

  static let kinds = [
    ["model.fusion.kind=early", "model.vision.encoder=regions", "model.regions.limit=3"],
    patches + ["model.fusion.kind=early", "objective.masked_text=1"],
    patches + ["model.fusion.kind=late", "model.fusion.late=attention"],
    patches + ["model.fusion.kind=hybrid", "model.fusion.late=gated", "objective.masked_text=1"],
    patches + [
      "model.fusion.kind=bottleneck", "model.fusion.layers=3", "model.fusion.bottlenecks=2", "objective.masked_text=1",
    ],
  ]

  @Test(arguments: kinds) func ranksAddUpToOne(_ kind: [String]) throws {
    try runs().expectTheSameOnRanks(steps: 4, kind)
  }

  @Test(arguments: kinds) func goesOnWithTheSameBytes(_ kind: [String]) throws {
    try runs().expectTheSameInPieces(kind)
  }

  /// What is saved is read, number by number, and begins another run of the same sizes.
  @Test(arguments: kinds) func weightsAreReadAsTheyWereSaved(_ kind: [String]) throws {
    let runs = runs(kind)
    try runs.train("run", steps: 2)
    let file = place("run/last/config.json")
    let description = try ModelCatalogue.description(json: readFile(file), file: file)
    let builder = ParameterBuilder()
    let model = description.make(builder)
    let arena = ParameterArena(builder)
    #expect(try loadWeights(from: runs.weightsPath(of: "run"), into: arena).isExact)
    let saved = try GoldenFile(absolute: runs.weightsPath(of: "run"))
    for slice in arena.slices {
      #expect(try saved.floats(slice.name) == Array(arena.weights(of: slice)), "\(slice.name)")
    }
    withExtendedLifetime(model) {}
    try SmallRuns(["initialize.weights=\(place("run/last"))"], in: place).train("next", steps: 1)
    #expect(try runs.losses("next").count == 1)
  }

  @Test(arguments: kinds) func aForecastIsTakenAgain(_ kind: [String]) throws {
    try runs().expectAForecastIsTakenAgain(kind)
  }

  /// The kind that a region says is learnt from pairs, and the checkpoint is measured as the run was.
  @Test func pairsAreLearnt() throws {
    let runs = runs(Self.kinds[0] + ["model.fusion.width=32", "objective.masked_text=1"])
    try runs.train("run", steps: 60, ["optimizer.learning_rate=0.01", "batch.global=36", "evaluation.every_epochs=0"])
    let losses = try runs.losses("run")
    #expect(losses.suffix(5).reduce(0, +) < 0.8 * losses.prefix(5).reduce(0, +))
    let report = try evaluateModel(
      at: place("run/last"), data: place("set"), split: "validation", rerankDepth: 0, threads: 1,
      communicator: SoloCommunicator(), output: .silent)
    let told = try #require((report as? EvaluationReport)?.maskedText)
    #expect(told.accuracy > 60, "a word of three that only the regions tell, \(told.accuracy)")
  }

  /// Towers of others, one of them locked: what it makes of photos is kept, and the weights are those of a run that computes it.
  @Test func lockedTowersAreKept() throws {
    let towers = [
      "model.vision.encoder=vit", "model.vision.layers=1", "model.vision.heads=2", "model.text.encoder=bert",
      "model.text.layers=1", "model.text.heads=2", "model.text.dropout=0.1", "initialize.lock.vision=0",
    ]
    let runs = runs(Self.patches + towers)
    for cache in ["off", "on"] { try runs.train(cache, steps: 4, ["memory.cache_locked=\(cache)"]) }
    #expect(try runs.bytes("on") == runs.bytes("off"))
    #expect(try GoldenFile(absolute: runs.weightsPath(of: "on")).names.contains { $0.hasPrefix("text_model.encoder.") })
  }

  @Test func whatItCannotHaveIsRefused() throws {
    let runs = runs(Self.patches)
    for (settings, words) in [
      (["model.vision.layers=2"], "what reads images here makes no use of it"),
      (["model.text.heads=2"], "what reads texts here makes no use of it"),
      (["model.regions.limit=3"], "what reads images here makes no use of it"),
      (["model.fusion.kind=late", "objective.masked_text=1"], "set model.fusion.kind to early, hybrid or bottleneck"),
      (["objective.contrastive=1"], "fusion has no features of images and texts in one space"),
      (["objective.negatives=hard"], "set objective.negatives to random"),
      (["model.fusion.late=gated"], "early fusion makes no vectors apart"),
      (["model.fusion.kind=bottleneck", "model.fusion.bottleneck_layer=1"], "two layers at least have to see them"),
      (["model.fusion.heads=3"], "3 heads do not divide a width of 16"),
      (["model.fusion.gate=dense"], "fusion makes no use of it"),
      (["model.vision.stages=4"], "fusion makes no use of it"),
    ] { #expect(runs.refusal(settings).contains(words), "\(settings)") }
    let other = SmallRuns(["model.name=cross-attention"], in: place)
    #expect(other.refusal(["model.fusion.kind=late"]).contains("cross-attention makes no use of it"))
    #expect(other.refusal(["model.vision.encoder=regions"]).contains("regions are no tower"))
  }
}

/// MMBERT on a small network of somebody else's.
@Suite(.serialized) struct MMBERTRunTests {
  private let place: TemporaryDirectory
  private let runs: SmallRuns

  init() throws {
    place = try TemporaryDirectory()
    try writeRegionSet(place("set"))
    try writeTower(smallResNet(.basic), to: place("network"))
    runs = SmallRuns(
      [
        "model.name=mmbert", "initialize.vision=\(place("network"))", "model.text.context_length=12",
        "model.text.width=16", "model.text.layers=2", "model.text.heads=2",
      ], in: place)
  }

  @Test func ranksAddUpToOne() throws { try runs.expectTheSameOnRanks(steps: 3) }

  @Test func synchronisedStatisticsAreTheSameOnRanks() throws {
    try runs.expectTheSameOnRanks(steps: 2, ["model.batch_norm=synchronised"])
  }

  @Test func goesOnWithTheSameBytes() throws { try runs.expectTheSameInPieces(["model.vision.stages=3"]) }

  @Test func aForecastIsTakenAgain() throws { try runs.expectAForecastIsTakenAgain() }

  @Test func weightsAreReadAsTheyWereSaved() throws {
    try runs.train("run", steps: 1)
    let model = try LoadedModel(path: place("run/last"), threads: 1)
    #expect(try model.directory.loadingReport().isExact)
    #expect(model.directory.preprocessing.imageSize == SmallTower.imageSize)
    let names = try GoldenFile(absolute: runs.weightsPath(of: "run")).names
    #expect(names.filter { $0.hasPrefix("visual_tokens.projections.") }.count == 5)
  }

  @Test func whatItCannotHaveIsRefused() throws {
    #expect(runs.refusal(["objective.contrastive=1"]).contains("mmbert has no features"))
    let drawn = SmallRuns(["model.name=mmbert"], in: place)
    #expect(drawn.refusal(["model.vision.encoder=vit"]).contains("has no stages of convolutions; name one of resnet18"))
    var shallow = smallResNet(.basic)
    (shallow.depths, shallow.widths) = ([1, 1], [8, 12])
    try writeTower(shallow, to: place("shallow"))
    let few = SmallRuns(["model.name=mmbert", "initialize.vision=\(place("shallow"))"], in: place)
    #expect(few.refusal(["model.vision.stages=5"]).contains("5 stages, and the network has 3; give at most that"))
  }
}
