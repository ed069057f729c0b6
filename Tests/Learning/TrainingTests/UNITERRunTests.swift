import TestSupport
import Testing

/// A UNITER is trained on regions of the data, and on an image tower's tokens in their place.
@Suite(.serialized) struct UNITERRunTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try writeRegionSet(place("set"))
  }

  private var runs: SmallRuns {
    SmallRuns(
      [
        "model.name=uniter", "model.text.context_length=12", "model.text.width=16", "model.text.layers=2",
        "model.text.heads=2",
      ], in: place)
  }

  /// Matching with random negatives and masked words, by default.
  @Test func ranksAddUpToOne() throws { try runs.expectTheSameOnRanks() }

  @Test func goesOnWithTheSameBytes() throws { try runs.expectTheSameInPieces() }

  /// With dropout, and on cells of a photo for which no detector is needed.
  @Test(arguments: ["vit", "patches"]) func aTowersTokensAreRegions(_ tower: String) throws {
    let layers = ["model.vision.layers=1", "model.vision.heads=2"]
    let settings = [
      "model.vision.encoder=\(tower)", "model.vision.image_size=16", "model.vision.patch_size=8",
      "model.vision.width=12",
      "model.text.dropout=0.1", "model.text.attention_dropout=0.1",
    ]
    try runs.expectTheSameOnRanks(settings + (tower == "vit" ? layers : []))
    #expect(try GoldenFile(absolute: runs.weightsPath(of: "one")).names.contains { $0.hasPrefix("vision_model.") })
  }

  @Test func whatItHasNotIsRefused() throws {
    for (setting, words) in [
      ("objective.contrastive=1", "uniter has no features of images and texts in one space"),
      ("model.vision.width=16", "name a tower with model.vision.encoder"),
      ("model.fusion.layers=2", "uniter makes no use of it"),
    ] { #expect(runs.refusal([setting]).contains(words), "\(setting)") }
  }
}
