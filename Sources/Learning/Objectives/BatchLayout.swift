/// The batch as all ranks see it: how its pairs fall onto the ranks.
public struct BatchLayout: Sendable, Equatable {
  /// Pairs on each rank, in rank order.
  public let counts: [Int]
  public let rank: Int

  public init(counts: [Int], rank: Int) { (self.counts, self.rank) = (counts, rank) }

  /// B
  public var total: Int { counts.reduce(0, +) }
  /// The index of this rank's first pair in the global batch.
  public var first: Int { counts[..<rank].reduce(0, +) }
  /// This rank's pairs in the global batch.
  public var local: Range<Int> { first..<first + counts[rank] }
}
