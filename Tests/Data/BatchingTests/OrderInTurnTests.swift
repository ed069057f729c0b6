import Batching
import Testing

@Suite struct OrderInTurnTests {
  /// Groups of one, of five and of three samples.
  private static let groups = [[4], [0, 2, 3, 6, 8], [1, 5, 7]]

  private func drawn(epochs: Int, count: Int = 9, seed: UInt64 = 3) -> [Int] {
    (0..<epochs).flatMap { epoch in
      let order = OrderInTurn(Self.groups, count: count, seed: seed, epoch: epoch)
      return (0..<count).map { order[$0] }
    }
  }

  /// Of each three in a row one is of each group, over the ends of epochs too.
  @Test func groupsComeEquallyOften() {
    let drawn = drawn(epochs: 7, count: 8)
    let group = { (sample: Int) in Self.groups.firstIndex { $0.contains(sample) } }
    for start in stride(from: 0, to: drawn.count - 2, by: 3) {
      #expect(Set(drawn[start..<start + 3].map(group)).count == 3, "\(drawn)")
    }
  }

  /// A group's samples come one after the other, none a second time before all were there.
  @Test func noSampleIsPassedOver() {
    let drawn = drawn(epochs: 10)
    for group in Self.groups {
      let own = drawn.filter(group.contains)
      #expect(own.count == 30)
      for start in stride(from: 0, to: 30, by: group.count) where start + group.count <= 30 {
        #expect(Set(own[start..<start + group.count]) == Set(group))
      }
    }
  }

  /// In another order each round and each time.
  @Test func ordersDiffer() {
    let large = drawn(epochs: 10).filter(Self.groups[1].contains)
    let passes: [[Int]] = stride(from: 0, to: 30, by: 5).map { start in Array(large[start..<start + 5]) }
    #expect(Set(passes).count > 1)
    #expect(drawn(epochs: 10) == drawn(epochs: 10))
    #expect(drawn(epochs: 10) != drawn(epochs: 10, seed: 4))
  }

  /// A saved run must go on in the same order with a later version of mmtrain.
  @Test func orderIsFrozen() {
    let first = [4, 5, 0, 4, 8, 7, 4, 3, 1]
    #expect(drawn(epochs: 1) == first)
  }
}
