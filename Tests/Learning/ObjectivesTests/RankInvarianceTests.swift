import Models
import Objectives
import Randomness
import TestSupport
import Testing

/// N ranks with b pairs each give the loss and the gradients of one rank with all N · b: for both models and both
/// objectives, also where the ranks' shares differ.
@Suite struct RankInvarianceTests {
  @Test(arguments: ObjectiveCase.all + ObjectiveCase.fusions, [2, 3, 4])
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

  /// Half of the captions keep their image, the others meet each other image equally often, and never one that belongs to them:
  /// pairs 0 and 1 show one photo, 2 and 3 say the same. Another order on other ranks draws the same.
  @Test func randomNegativesAreDrawnAtEvenOdds() {
    let identities = Identities(photos: [7, 7, 8, 9, 10], captions: [1, 2, 3, 3, 4])
    let whole = BatchLayout(counts: [5], rank: 0)
    var met = [[Int]](repeating: [Int](repeating: 0, count: 5), count: 5)
    for epoch in 0..<4000 {
      let drawn = MatchingPairs(whole, identities, seed: 1, epoch: epoch)
      #expect(drawn.pairs.map(\.text) == Array(0..<5))
      #expect(drawn.targets == drawn.pairs.map { $0.image == $0.text ? 1 : 0 })
      for pair in drawn.pairs { met[pair.text][pair.image] += 1 }
      let parts = (0..<2).map {
        MatchingPairs(BatchLayout(counts: [2, 3], rank: $0), identities, seed: 1, epoch: epoch)
      }
      #expect(parts.flatMap(\.pairs) == drawn.pairs)
    }
    let others = [[2, 3, 4], [2, 3, 4], [0, 1, 4], [0, 1, 4], [0, 1, 2, 3]]
    for text in 0..<5 {
      #expect(abs(met[text][text] - 2000) < 150)
      for image in 0..<5 where image != text {
        let expected = others[text].contains(image) ? 2000 / others[text].count : 0
        #expect(abs(met[text][image] - expected) < 100 && (expected > 0 || met[text][image] == 0), "\(met)")
      }
    }
    let alone = MatchingPairs(
      BatchLayout(counts: [2], rank: 0), Identities(photos: [1, 1], captions: [1, 2]), seed: 0, epoch: 0)
    #expect(alone.targets == [1, 1], "a batch without another photo has nothing wrong to ask about")
  }
}
