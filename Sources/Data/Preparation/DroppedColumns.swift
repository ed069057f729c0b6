internal import Batching
internal import Randomness

/// Which samples of a split lose which columns: of those that have a column, and another one besides, its share, those first that a
/// seeded hash of the key puts first. So a larger share takes the same samples and more, and the order of the samples has no bearing.
struct DroppedColumns {
  /// Of each sample.
  private(set) var dropped: [Set<Column>]
  /// Of each drop in turn.
  private(set) var counts: [Count] = []

  struct Count {
    let column: Column
    /// Samples that had it, and that lose it.
    let had: Int
    let lost: Int
    /// Those that the share would have taken, and that have nothing else any more.
    let spared: Int
    /// Whether none of them ever had anything else.
    let isAll: Bool
  }

  /// - Parameter samples: what is looked at of each, with its key.
  init(_ drops: [ColumnDrop], of samples: [(key: String, columns: [Column])], seed: UInt64) {
    dropped = samples.map { _ in [] }
    for drop in drops {
      let having = samples.indices.filter { samples[$0].columns.contains(drop.column) }
      let able = having.filter { samples[$0].columns.count - dropped[$0].count > 1 }
      let wanted = Int((drop.share * Double(having.count)).rounded())
      let places = Dictionary(
        uniqueKeysWithValues: able.map { ($0, Self.place(of: samples[$0].key, drop.column, seed: seed)) })
      let first = able.sorted { (places[$0] ?? 0, $0) < (places[$1] ?? 0, $1) }.prefix(wanted)
      for sample in first { dropped[sample].insert(drop.column) }
      counts.append(
        Count(
          column: drop.column, had: having.count, lost: first.count, spared: wanted - first.count,
          isAll: !having.contains { samples[$0].columns.count > 1 }))
    }
  }

  private static func place(of key: String, _ column: Column, seed: UInt64) -> UInt64 {
    var random = RandomStream(seed: seed, .droppedColumns, textIdentity(column.name), textIdentity(key))
    return random.next()
  }
}
