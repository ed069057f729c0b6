import Objectives
import TensorEngine
import TestSupport
import Testing

/// Blocks that run again in the backward pass give the same bits, from less memory.
@Suite struct RecomputationTests {
  /// With several blocks in each tower.
  static let cases: [ObjectiveCase] = ObjectiveCase.all.map { $0.with(layers: 3) } + ObjectiveCase.fusions

  @Test(arguments: cases, Precision.allCases.filter(\.isSupported))
  func gradientsAreTheSameBits(_ example: ObjectiveCase, _ precision: Precision) throws {
    let kept = try example.gradients(ranks: 1, precision: precision)
    let recomputed = try example.gradients(ranks: 1, recomputesBlocks: true, precision: precision)
    #expect(recomputed.loss == kept.loss)
    #expect(recomputed.gradients == kept.gradients)
    #expect(kept.gradients.contains { $0 != 0 })
  }

  @Test(arguments: cases)
  func twoRanksAddUpToOne(_ example: ObjectiveCase) throws {
    let one = try example.gradients(ranks: 1, recomputesBlocks: true)
    let two = try example.gradients(ranks: 2, recomputesBlocks: true)
    #expect(difference(two.loss, one.loss, relative: 1e-6) == nil)
    #expect(difference(two.gradients, one.gradients, relative: 1e-5, scale: .largest) == nil)
  }

  /// A block keeps one width a token instead of ten; of twelve blocks one is computed at a time.
  @Test func memoryIsOfOneBlockAndTheOthersInputs() throws {
    let example = ObjectiveCase.all[0].with(layers: 12)
    let kept = try example.gradients(ranks: 1).reservedBytes
    let recomputed = try example.gradients(ranks: 1, recomputesBlocks: true).reservedBytes
    print("reserved: \(kept) bytes, with recomputation \(recomputed)")
    #expect(recomputed * 5 < kept * 2)
  }
}
