import Configuration
import TestSupport
import Testing
import Training

/// What `--dry-run` says of memory follows the keys that decide it.
@Suite struct RunForecastTests {
  private func activationBytes(_ settings: String..., ranks: Int = 1) throws -> Double {
    let common = ["model.name=clip", "model.preset=vit-b-32", "batch.global=128", "precision=fp32"]
    let configuration = try RunConfiguration(
      file: nil, settings: (common + settings).map { ConfigurationSetting($0) })
    return Double(try RunForecast(configuration, dataPath: nowhere, ranks: ranks).activationBytes)
  }

  @Test func whatAStepKeepsFollowsTheBatchAndTheWaysToSaveMemory() throws {
    let whole = try activationBytes()
    #expect(try activationBytes(ranks: 2) == whole / 2)
    #expect(try activationBytes("batch.micro=128") == whole)
    let blocks = try activationBytes("memory.recompute=blocks")
    #expect(blocks < whole / 3 && blocks > whole / 12)
    // An eighth of the pairs at once; the pixels of all.
    let parts = try activationBytes("batch.micro=16")
    let pixels = Double(128 * 3 * 224 * 224 * 4)
    #expect(parts == pixels + (whole - pixels) / 8)
    #expect(try activationBytes("batch.micro=16", "memory.recompute=blocks") < parts)
  }

  /// Blocks without a backward pass keep nothing: with both towers locked but for their last blocks, a twelfth is kept.
  @Test func whatIsFrozenKeepsNothing() throws {
    let pixels = Double(128 * 3 * 224 * 224 * 8)
    let whole = try activationBytes() - pixels
    let last = try activationBytes("initialize.lock.vision=2", "initialize.lock.text=2") - pixels
    #expect(last == whole / 12)
    #expect(try activationBytes("initialize.freeze=[*_model.*]") == pixels)
    // A trained embedding needs the way back to it.
    #expect(try activationBytes("initialize.freeze=[*_model.encoder.*]") == whole + pixels)
  }

  @Test func lockedTowersAreToldWithTheReason() throws {
    func towers(_ settings: String...) throws -> [String] {
      let configuration = try RunConfiguration(
        file: nil, settings: (["model.name=clip"] + settings).map { ConfigurationSetting($0) })
      return try RunForecast(configuration, dataPath: nowhere, ranks: 1).lockedTowers
        .map { "\($0.tower): \($0.reason ?? "kept")" }
    }
    #expect(try towers().isEmpty)
    #expect(try towers("initialize.lock.vision=2", "initialize.lock.text=3").isEmpty)
    #expect(
      try towers("initialize.lock.vision=1", "data.augmentation=standard") == ["image: photos are augmented"])
    #expect(
      try towers("initialize.freeze=[vision_model.*, text_model.*]", "data.augmentation=none")
        == ["image: kept", "text: kept"])
    #expect(
      try towers("initialize.lock.text=0", "memory.cache_locked=off") == ["text: memory.cache_locked is off"])
  }

  /// ViT-B/32 takes 2 · 4.4 billion multiplications and additions for a photo, forward (Dosovitskiy et al., 2021); a step
  /// does three times that, and the captions' part.
  @Test func operationsOfAStep() throws {
    func operations(_ settings: String...) throws -> Double {
      let common = ["model.name=clip", "model.preset=vit-b-32", "batch.global=10", "precision=fp32"]
      let configuration = try RunConfiguration(
        file: nil, settings: (common + settings).map { ConfigurationSetting($0) })
      return try RunForecast(configuration, dataPath: nowhere, ranks: 1).stepOperations
    }
    let step = try operations()
    let photos = 10 * 3 * 2 * 4.4e9
    #expect(step > photos && step < 1.3 * photos, "\(step) beside \(photos)")
    // Features meet those of the whole batch.
    #expect(abs(try operations("batch.global=20") / step - 2) < 1e-4)
    let again = try operations("memory.recompute=blocks") / step
    #expect(again > 1.3 && again < 4.0 / 3)
    #expect(try operations("model.name=cross-attention") > 1.5 * step)
  }

  @Test func checkpointsHoldWeightsAndMoments() throws {
    let configuration = try RunConfiguration(file: nil, settings: [.init("model.name=clip")])
    let plan = try RunForecast(configuration, dataPath: nowhere, ranks: 2)
    #expect(plan.checkpointBytes == 12 * plan.parameters)
    #expect(plan.memoryBytes > plan.stateBytes + plan.activationBytes)
  }

  /// Each rank keeps its part of the average, and a checkpoint holds all of it.
  @Test func anAverageTakesAsMuchAsTheWeights() throws {
    func plan(_ average: String, ranks: Int) throws -> RunForecast {
      let settings = ["model.name=clip", "optimizer.average=\(average)"].map { ConfigurationSetting($0) }
      return try RunForecast(RunConfiguration(file: nil, settings: settings), dataPath: nowhere, ranks: ranks)
    }
    let (off, on) = try (plan("none", ranks: 1), plan("0.999", ranks: 1))
    #expect(on.checkpointBytes == 16 * on.parameters && off.checkpointBytes == 12 * on.parameters)
    #expect(on.stateBytes - off.stateBytes >= 4 * on.parameters)
    #expect(on.memoryBytes - off.memoryBytes == on.stateBytes - off.stateBytes)
    let shared = try plan("0.999", ranks: 4).stateBytes - plan("none", ranks: 4).stateBytes
    #expect(shared == (on.stateBytes - off.stateBytes) / 4)
    #expect(try plan("0", ranks: 1).stateBytes == off.stateBytes)
  }

  /// 30 of the built-in scenes' 320 steps and 50 of Flickr8k's 1150 are what the figures of docs/ were made with.
  @Test(arguments: [
    ("tiny", 320, 30), ("tiny", 10, 1), ("small", 1150, 50), ("small", 11, 0), ("vit-b-32", 3616, 362),
    ("vit-l-14", 1, 0),
  ])
  func aPresetWarmsUpForAPartOfTheRun(preset: String, steps: Int, warmup: Int) throws {
    let configuration = try RunConfiguration(
      file: nil, settings: [.init("model.preset=\(preset)"), .init("schedule.steps=\(steps)")])
    #expect(try RunForecast(configuration, dataPath: nowhere, ranks: 1).warmupSteps == warmup)
  }
}
