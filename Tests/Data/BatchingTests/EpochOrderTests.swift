import Batching
import Testing

@Suite struct EpochOrderTests {
  @Test func everySampleOnce() {
    for count in Array(0...70) + [255, 256, 257, 1_000, 4_097] {
      for epoch in 0..<3 {
        let order = EpochOrder(count: count, seed: 5, epoch: epoch, shuffle: true)
        #expect((0..<count).map { order[$0] }.sorted() == Array(0..<count))
      }
    }
  }

  @Test func dependsOnSeedAndEpoch() {
    func order(seed: UInt64, epoch: Int, shuffle: Bool = true) -> [Int] {
      let order = EpochOrder(count: 500, seed: seed, epoch: epoch, shuffle: shuffle)
      return (0..<500).map { order[$0] }
    }
    #expect(order(seed: 1, epoch: 0) == order(seed: 1, epoch: 0))
    #expect(order(seed: 1, epoch: 0) != order(seed: 1, epoch: 1))
    #expect(order(seed: 1, epoch: 0) != order(seed: 2, epoch: 0))
    #expect(order(seed: 1, epoch: 7, shuffle: false) == Array(0..<500))
  }

  /// A saved run must go on in the same order with a later version of mmtrain.
  @Test func orderIsFrozen() {
    let order = EpochOrder(count: 10, seed: 0, epoch: 0, shuffle: true)
    #expect((0..<10).map { order[$0] } == [2, 5, 9, 4, 8, 0, 3, 6, 7, 1])
  }

  /// Each sample comes at each place, and behind each other sample, about equally often over epochs.
  @Test(arguments: [5, 12]) func isEven(_ count: Int) {
    let epochs = 6_000
    var places = [Int](repeating: 0, count: count * count)
    var pairs = [Int](repeating: 0, count: count * count)
    for epoch in 0..<epochs {
      let order = EpochOrder(count: count, seed: 11, epoch: epoch, shuffle: true)
      for i in 0..<count {
        places[i * count + order[i]] += 1
        if i > 0 { pairs[order[i - 1] * count + order[i]] += 1 }
      }
    }
    let expectedPlace = Double(epochs) / Double(count)
    let placeError = places.map { ($0 - Int(expectedPlace)).magnitude }.max() ?? 0
    #expect(Double(placeError) < 5 * expectedPlace.squareRoot())
    let expectedPair = Double(epochs) / Double(count)
    let offDiagonal = pairs.indices.filter { $0 / count != $0 % count }.map { pairs[$0] }
    #expect(offDiagonal.allSatisfy { abs(Double($0) - expectedPair) < 5 * expectedPair.squareRoot() })
  }

  @Test func textsThatSayTheSame() {
    #expect(textIdentity("A red\tCircle ") == textIdentity("a  red circle"))
    #expect(textIdentity("a red circle") != textIdentity("a redcircle"))
    #expect(textIdentity("a red circle") != textIdentity("a red circle."))
    #expect(textIdentity("ÉTÉ") == textIdentity("été"))
    #expect(textIdentity("") == textIdentity(" \n"))
  }

  @Test(arguments: [(256, 3), (4, 4), (7, 5), (3, 8)]) func sharesCoverEverythingOnce(_ count: Int, _ ranks: Int) {
    let shares = (0..<ranks).map { share(of: count, rank: $0, ranks: ranks) }
    #expect(shares.flatMap { Array($0) } == Array(0..<count))
    #expect(shares.allSatisfy { $0.count == count / ranks || $0.count == count / ranks + 1 })
  }
}
