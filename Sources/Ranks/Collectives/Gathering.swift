/// The elements of all ranks, in rank order, on every rank; each may bring any number of them. Collective.
public func gatherOverRanks<Element: BitwiseCopyable>(
  _ local: [Element], _ communicator: some Communicator, _ label: String
) throws -> [Element] {
  var counts = [Int64](repeating: 0, count: communicator.size)
  counts[communicator.rank] = Int64(local.count)
  try counts.withUnsafeMutableBufferPointer { try communicator.allReduce($0, .sum, label) }
  let total = counts.reduce(0) { $0 + Int($1) }
  let stride = MemoryLayout<Element>.stride
  return try [Element](unsafeUninitializedCapacity: total) { buffer, count in
    let all = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<total]))
    try local.withUnsafeBytes { bytes in
      try communicator.allGather(bytes, into: all, counts: counts.map { Int($0) * stride }, label)
    }
    count = total
  }
}

/// The same of lists of numbers, each of any length. Collective.
public func gatherListsOverRanks(
  _ local: [[Int]], _ communicator: some Communicator, _ label: String
) throws -> [[Int]] {
  let counts = try gatherOverRanks(local.map(\.count), communicator, "lengths of " + label)
  var rest = try gatherOverRanks(local.flatMap(\.self), communicator, label)[...]
  return counts.map { count in
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
}
