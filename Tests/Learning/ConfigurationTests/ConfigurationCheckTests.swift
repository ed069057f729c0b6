import Configuration
import Testing

/// Rules between values, what this version cannot do, and what a resumed run may change.
@Suite struct ConfigurationCheckTests {
  @Test(arguments: [
    (["model.vision.patch_size=7"], "patches of 7 pixels do not divide an image of 48"),
    (["model.vision.heads=3"], "3 heads do not divide a width of 128"),
    (["model.text.width=130", "model.text.heads=4"], "4 heads do not divide a width of 130"),
    (["objective.contrastive=0", "objective.matching=0"], "every objective has weight 0"),
    (
      ["model.name=clip", "objective.matching=1"],
      "clip has no matching head; set it to 0, or name a model that has one"
    ),
    (["batch.global=1"], "a batch of one pair"),
    (["batch.micro=512"], "512 pairs at once are more than the 128"),
    (["schedule.steps=10", "schedule.warmup_steps=30"], "a warm-up of 30 steps does not end within the 10"),
    (["model.name=clip", "model.fusion.layers=2"], "clip makes no use of it"),
    (["objective.masked_text=1"], "cross-attention has no masked-text head; set model.text.causal to false"),
    (["batch.micro=16"], "the objective matching needs the tokens of all pairs at once; set objective.matching to 0"),
    (
      ["model.name=clip", "batch.micro=16", "model.batch_norm=synchronised"],
      "a part of a batch does not have the batch's statistics"
    ),
    (
      ["model.batch_norm=synchronised", "model.reparameterize=true"],
      "a model whose branches are folded has no batch norm"
    ),
  ])
  func rules(settings: [String], expected: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(file: nil, settings: settings.map { ConfigurationSetting($0) })
    }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    #expect(error?.problems.count == 1)
    #expect(error?.problems.first?.place == "--set")
  }

  /// The width is that of the tower that is named, which the preset does not know.
  @Test func headsAreNotHeldAgainstAWidthThatNobodyStated() throws {
    let named = ["model.name=mmbert", "initialize.text=towers/minilm", "model.text.heads=6"].map {
      ConfigurationSetting($0)
    }
    #expect(try RunConfiguration(file: nil, settings: named).isStated("model.text.heads"))
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(file: nil, settings: named + [ConfigurationSetting("model.text.width=128")])
    }
    #expect(error?.description.contains("6 heads do not divide a width of 128") == true)
  }

  @Test func aWrongValueDoesNotBringComplaintsAboutOthers() {
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(file: nil, settings: [.init("model.vision.width=wide"), .init("model.vision.heads=3")])
    }
    #expect(error?.problems.count == 1)
  }

  @Test func eachRankNeedsAPair() throws {
    let configuration = try RunConfiguration(file: nil, settings: [.init("batch.global=4")])
    try configuration.check(ranks: 4)
    let error = #expect(throws: ConfigurationError.self) { try configuration.check(ranks: 5) }
    #expect(
      error?.description == "--set: batch.global: 4 pairs cannot be divided over 5 ranks; give at least one for each")
  }

  @Test func aResumedRunKeepsItsShape() throws {
    let earlier = try RunConfiguration(file: nil)
    let faster = try RunConfiguration(file: nil, settings: [.init("optimizer.learning_rate=0.01")])
    let changes = try faster.checkResume(from: earlier)
    #expect(changes.map(\.description) == ["optimizer.learning_rate: 0.001 → 0.01 (--set)"])
    let wider = try RunConfiguration(file: nil, settings: [.init("model.vision.width=256"), .init("seed=2")])
    let error = #expect(throws: ConfigurationError.self) { try wider.checkResume(from: earlier) }
    #expect(error?.problems.count == 2)
    #expect(
      error?.problems.first?.message.hasPrefix("model.vision.width: 128 → 256 (--set): this cannot change") == true)
    #expect(try earlier.checkResume(from: earlier).isEmpty)
  }
}
