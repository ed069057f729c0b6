extension Communicator {
  /// The sum over ranks of a number of each. Collective.
  public func sum(_ number: Int, _ label: String) throws -> Int { try reduced(number, .sum, label) }

  /// The same of a number that is not whole, added up in rank order. Collective.
  public func sum(_ number: Double, _ label: String) throws -> Double { try reduced(number, .sum, label) }

  /// The largest number of all ranks. Collective.
  public func maximum(_ number: Double, _ label: String) throws -> Double { try reduced(number, .maximum, label) }

  /// Whether `condition` holds on any rank; the same answer on all of them. Collective.
  public func any(_ condition: Bool, _ label: String) throws -> Bool {
    try reduced(condition ? 1 : 0, .maximum, label) != 0
  }

  private func reduced(_ number: Double, _ reduction: Reduction, _ label: String) throws -> Double {
    var value = number
    try withUnsafeMutablePointer(to: &value) {
      try allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), reduction, label)
    }
    return value
  }

  private func reduced(_ number: Int, _ reduction: Reduction, _ label: String) throws -> Int {
    var value = Int64(number)
    try withUnsafeMutablePointer(to: &value) {
      try allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), reduction, label)
    }
    return Int(value)
  }
}
