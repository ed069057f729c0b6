/// What ranks that should hold the same hold, told by checksums.
public enum Agreement: Equatable, Sendable {
  case all
  /// More than half of them agree: `healthy` is one of those, `others` are the rest.
  case most(healthy: Int, others: [Int])
  /// No value is held by more than half: `others` differ from rank 0.
  case none(others: [Int])

  /// - Parameter checksums: one of each rank, in rank order.
  public init(_ checksums: [UInt64]) {
    precondition(!checksums.isEmpty, "checksums of no rank")
    if checksums.allSatisfy({ $0 == checksums[0] }) {
      self = .all
      return
    }
    for (rank, value) in checksums.enumerated() where checksums.count(where: { $0 == value }) * 2 > checksums.count {
      self = .most(healthy: rank, others: checksums.indices.filter { checksums[$0] != value })
      return
    }
    self = .none(others: checksums.indices.filter { checksums[$0] != checksums[0] })
  }
}
