import Objectives
import Randomness
import TestSupport
import Testing

/// N ranks with b pairs each give the loss and the gradients of one rank with all N · b: for both models and both
/// objectives, also where the ranks' shares differ.
@Suite struct RankInvarianceTests {
  @Test(arguments: ObjectiveCase.all, [2, 3, 4])
  func ranksAddUpToOne(_ example: ObjectiveCase, _ ranks: Int) throws {
    let one = try example.gradients(ranks: 1)
    let many = try example.gradients(ranks: ranks)
    let largest = one.gradients.map(\.magnitude).max() ?? 0
    let worst = zip(many.gradients, one.gradients).map { ($0 - $1).magnitude }.max() ?? 0
    print(
      "\(example.name), \(ranks) ranks: loss \(many.loss) (1 rank \(one.loss)), gradients within \(worst / largest)")
    #expect(difference(many.loss, one.loss, relative: 1e-6) == nil, "\(example.name): loss")
    #expect(
      difference(many.gradients, one.gradients, relative: 1e-5, floor: 0, scale: .largest) == nil,
      "\(example.name): gradients")
    #expect(one.gradients.contains { $0 != 0 })
  }

  @Test func negativesAreNeverTheSamePhotoOrCaption() throws {
    // Pairs 0 and 1 show one photo, 2 and 3 say the same: a batch of 4 in which 0 may only meet 2 and 3.
    for anchor in 0..<4 {
      for seed in 0..<50 {
        var random = RandomStream(seed: UInt64(seed))
        let chosen = [Float](repeating: 0, count: 4).withUnsafeBufferPointer {
          hardNegative(
            logits: $0, anchor: anchor, Identities(photos: [7, 7, 8, 9], captions: [1, 2, 3, 3]), &random)
        }
        #expect([0: [2, 3], 1: [2, 3], 2: [0, 1], 3: [0, 1]][anchor]?.contains(chosen ?? -1) == true)
      }
    }
    var random = RandomStream(seed: 0)
    let none = [Float](repeating: 0, count: 2).withUnsafeBufferPointer {
      hardNegative(logits: $0, anchor: 0, Identities(photos: [1, 1], captions: [1, 2]), &random)
    }
    #expect(none == nil)
  }

  @Test func similarCandidatesAreDrawnMoreOften() {
    let logits: [Float] = [0, 2, 0, 0]
    var counts = [0, 0, 0, 0]
    for seed in 0..<4000 {
      var random = RandomStream(seed: UInt64(seed))
      let chosen = logits.withUnsafeBufferPointer {
        hardNegative(logits: $0, anchor: 0, Identities(photos: [1, 2, 3, 4], captions: [1, 2, 3, 4]), &random)
      }
      counts[chosen ?? 0] += 1
    }
    // exp(2) : 1 : 1
    #expect(counts[0] == 0)
    #expect(abs(Double(counts[1]) / 4000 - 7.389 / 9.389) < 0.03)
  }
}
