import Testing
import Training

/// What `--dry-run` says of memory follows the keys that decide it.
@Suite struct RunPlanTests {
  private func activationBytes(_ settings: String..., ranks: Int = 1) throws -> Double {
    let common = ["model.name=clip", "model.preset=vit-b-32", "batch.global=128", "precision=fp32"]
    let configuration = try RunConfiguration(
      file: nil, settings: (common + settings).map { ConfigurationSetting($0) })
    return Double(try RunPlan(configuration, dataPath: "/nowhere", ranks: ranks).activationBytes)
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
}
