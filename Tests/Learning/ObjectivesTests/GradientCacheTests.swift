import Objectives
import TensorEngine
import TestSupport
import Testing

/// A batch that is computed in parts gives the loss and the gradients of the whole, on any number of ranks.
@Suite struct GradientCacheTests {
  static let cases = ObjectiveCase.all.filter { !$0.weights.looksAtTokens }

  @Test(arguments: cases, [1, 2, 5, 11])
  func partsAddUpToTheWhole(_ example: ObjectiveCase, _ micro: Int) throws {
    let whole = try example.gradients(ranks: 1)
    for ranks in 1...3 {
      let parts = try example.gradients(ranks: ranks, micro: micro)
      #expect(difference(parts.loss, whole.loss, relative: 1e-6) == nil, "\(ranks) ranks")
      #expect(
        difference(parts.gradients, whole.gradients, relative: ranks == 1 ? 1e-6 : 1e-5, scale: .largest) == nil,
        "\(ranks) ranks")
    }
    #expect(whole.gradients.contains { $0 != 0 })
  }

  /// Shares of 12 pairs over 5 ranks differ: some ranks compute two parts, others one.
  @Test(arguments: cases)
  func ranksMayHaveDifferentNumbersOfParts(_ example: ObjectiveCase) throws {
    let whole = try example.gradients(ranks: 1)
    let parts = try example.gradients(ranks: 5, micro: 2)
    #expect(difference(parts.loss, whole.loss, relative: 1e-6) == nil)
    #expect(difference(parts.gradients, whole.gradients, relative: 1e-5, scale: .largest) == nil)
  }

  @Test(arguments: cases)
  func oneCoveringPartIsTheSameBits(_ example: ObjectiveCase) throws {
    let whole = try example.gradients(ranks: 1)
    let covered = try example.gradients(ranks: 1, micro: 12)
    #expect(covered.loss == whole.loss)
    #expect(covered.gradients == whole.gradients)
    #expect(covered.reservedBytes == whole.reservedBytes)
  }

  @Test(arguments: cases)
  func partsAndRecomputedBlocksGoTogether(_ example: ObjectiveCase) throws {
    let parts = try example.gradients(ranks: 1, micro: 4)
    let both = try example.gradients(ranks: 1, micro: 4, recomputesBlocks: true)
    #expect(both.loss == parts.loss)
    #expect(both.gradients == parts.gradients)
  }

  @Test func memoryIsOfAPart() throws {
    let example = Self.cases[0].with(layers: 12)
    let whole = try example.gradients(ranks: 1).reservedBytes
    let parts = try example.gradients(ranks: 1, micro: 2).reservedBytes
    print("reserved: \(whole) bytes, in parts of 2 \(parts)")
    #expect(parts * 5 < whole * 3)
  }
}
