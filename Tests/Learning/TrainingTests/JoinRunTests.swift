import Models
import TestSupport
import Testing

/// Runs of every join with all that it can learn at once: shared by ranks, and killed and gone on with.
@Suite(.serialized) struct JoinRunTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try writeRegionSet(place("set"), regions: withClasses)
    try writeTower(smallResNet(.basic), to: place("network"))
  }

  /// How a model is made, and what it learns.
  struct Join: CustomTestStringConvertible, Sendable {
    let name: String
    let settings: [String]
    let objectives: [String]
    var testDescription: String { name }

    /// - Parameter objectives: between blanks.
    init(_ name: String, _ settings: [String], _ objectives: String) {
      (self.name, self.settings) = (name, settings)
      self.objectives = objectives.split(separator: " ").map { "objective.\($0)=1" }
    }
  }

  private static let words = ["model.text.context_length=12", "model.text.width=16"]
  private static let layers = ["model.text.layers=2", "model.text.heads=2"]
  private static let patches = ["model.vision.image_size=16", "model.vision.patch_size=8", "model.vision.width=16"]
  private static let tower = patches + ["model.vision.layers=1", "model.vision.heads=2"]
  private static let meeting = ["model.fusion.width=16", "model.fusion.layers=2", "model.fusion.heads=2"]

  private static func fusion(_ kind: String, _ more: [String] = []) -> [String] {
    ["model.name=fusion", "model.fusion.kind=\(kind)"] + words + meeting + more
  }

  private static func crossAttention(_ direction: String, _ more: [String] = []) -> [String] {
    ["model.name=cross-attention", "model.fusion.direction=\(direction)", "model.embedding_width=16"] + words + layers
      + tower + meeting + more
  }

  private static let regions = "masked_text alignment masked_regions.distribution"
  private static let cells = "masked_text alignment masked_regions.features masked_regions.pixels"

  static let joins = [
    Join("post-norm stream", ["model.name=uniter"] + words + layers, "matching masked_regions.features " + regions),
    Join(
      "pre-norm stream", ["model.name=vilt", words[0]] + tower, "matching masked_text alignment masked_regions.pixels"),
    Join("co-attention", ["model.name=vilbert"] + words + layers + meeting, "matching " + regions),
    Join("cross-attention", crossAttention("both", ["model.text.causal=false"]), "contrastive matching " + cells),
    Join("image to text", crossAttention("image_to_text"), "matching masked_regions.features masked_regions.pixels"),
    Join(
      "gates and sentinels", crossAttention("both", ["model.fusion.gate=dense", "model.fusion.sentinel=true"]),
      "matching alignment masked_regions.features"),
    Join(
      "early, regions", fusion("early", ["model.vision.encoder=regions", "model.regions.limit=3"]),
      "matching masked_regions.features masked_regions.classes " + regions),
    Join("early, patches", fusion("early", patches), "matching masked_text alignment masked_regions.pixels"),
    Join("late", fusion("late", patches), "matching"),
    Join(
      "hybrid", fusion("hybrid", tower + ["model.vision.encoder=vit", "model.fusion.late=gated"]), "matching " + cells),
    Join(
      "bottleneck", fusion("bottleneck", tower + ["model.vision.encoder=vit", "model.fusion.bottlenecks=2"]),
      "matching " + cells),
    Join("stages", ["model.name=mmbert"] + words + layers, "matching " + cells),
  ]

  private func runs(_ join: Join) -> SmallRuns {
    let network = join.name == "stages" ? ["initialize.vision=\(place("network"))"] : []
    return SmallRuns(join.settings + join.objectives + network, in: place)
  }

  @Test(arguments: joins) func ranksAddUpToOne(_ join: Join) throws { try runs(join).expectTheSameOnRanks(steps: 3) }

  @Test(arguments: joins) func goesOnWithTheSameBytes(_ join: Join) throws { try runs(join).expectTheSameInPieces() }
}
