/// The columns that a task reads, in the order in which columns are listed; the loader makes these and no others.
public struct ColumnSet: Equatable, Sendable, ExpressibleByArrayLiteral {
  public let columns: [Column]

  public init(_ columns: some Sequence<Column>) { self.columns = Set(columns).sorted() }

  public init(arrayLiteral elements: Column...) { self.init(elements) }

  public func contains(_ column: Column) -> Bool { columns.contains(column) }

  /// All but one.
  public func without(_ column: Column) -> ColumnSet { ColumnSet(columns.filter { $0 != column }) }
}

extension PreparedDataSet {
  /// Refuses a split in which no sample has one of the columns.
  ///
  /// - Parameter everywhere: columns that each sample must have.
  /// - Throws: `BatchingError.missingColumn`, which says how data with that column are prepared, or `.unknownSplit`.
  public func require(
    _ columns: ColumnSet, everywhere: ColumnSet = [], split: String
  ) throws(BatchingError) {
    let found = try columnCounts(split: split)
    let total = try samples(split: split).count
    for column in ColumnSet(columns.columns + everywhere.columns).columns {
      let have = found.first { $0.column == column }?.samples ?? 0
      guard have == 0 || have < total && everywhere.contains(column) else { continue }
      throw .missingColumn(
        path: path, split: split, column: column, have: have, of: total, available: found.map(\.column))
    }
  }

  /// The columns of a split, in the order in which columns are listed, and how many samples have each.
  public func columnCounts(split: String) throws(BatchingError) -> [ColumnCount] {
    guard let found = manifest.splits.first(where: { $0.name == split }) else {
      throw .unknownSplit(path: path, split: split, available: manifest.splits.map(\.name))
    }
    return found.columnCounts
  }
}
