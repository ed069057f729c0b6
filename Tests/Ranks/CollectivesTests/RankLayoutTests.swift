import Collectives
import Testing

@Suite struct RankLayoutTests {
  @Test func ranksAlternateOverMachines() {
    let layout = RankLayout(rank: 3, nodeKeys: [0, 1, 0, 1])
    #expect(layout.nodes == [[0, 2], [1, 3]])
    #expect(layout.place == NodePlace(node: 1, nodes: 2, rankInNode: 1, ranksInNode: 2))
    #expect(layout.team == [1, 3])
  }

  @Test func forcedNodeSize() {
    let layout = RankLayout(rank: 4, nodeKeys: [0, 0, 0, 0, 0], nodeSize: 2)
    #expect(layout.nodes == [[0, 1], [2, 3], [4]])
    #expect(layout.owners == 1)
    #expect(layout.size == 5)
  }

  @Test(arguments: [0, 1, 15, 16, 17, 1000, 100_003], [1, 2, 3, 4])
  func partsCoverTheRange(count: Int, ranks: Int) {
    let layout = RankLayout(rank: 0, nodeKeys: .init(repeating: 0, count: ranks))
    let range = 32..<32 + count
    var end = range.lowerBound
    for owner in 0..<ranks {
      let part = layout.part(range, ofOwner: owner)
      #expect(part.lowerBound == end)
      #expect(part.isEmpty || part.lowerBound % 16 == 0)
      end = part.upperBound
    }
    #expect(end == range.upperBound)
  }

  @Test func ranksBeyondTheSmallestNodeOwnNothing() {
    let layout = RankLayout(rank: 2, nodeKeys: [0, 0, 0, 1])
    #expect(layout.owners == 1)
    #expect(layout.part(0..<100, ofOwner: 0) == 0..<100)
    #expect(layout.part(0..<100, ofOwner: 2).isEmpty)
  }
}

@Suite struct GradientBucketsTests {
  @Test(arguments: [0, 1, 100, 6_553_600, 6_553_601, 37_000_000])
  func coverTheRange(count: Int) {
    let range = 16..<16 + count
    let buckets = GradientBuckets(range)
    #expect(Array(buckets).count == buckets.count)
    #expect(buckets.first { _ in true }?.lowerBound == 16)
    #expect(buckets.reduce(0) { $0 + $1.count } == count)
    for (earlier, later) in zip(buckets, buckets.dropFirst()) { #expect(earlier.upperBound == later.lowerBound) }
    #expect(buckets.allSatisfy { $0.count * 4 <= GradientBuckets.usualBytes + 64 })
  }

  @Test func fewBuckets() {
    #expect(GradientBuckets(0..<6_553_600).count == 1)
    #expect(GradientBuckets(0..<6_553_601).count == 2)
  }
}
