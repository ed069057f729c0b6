/// Makes every collective call with inputs whose answers are known, in sizes from one element to several rounds, and
/// compares every element. Returns a line for each kind of check; throws `CollectiveError.wrongResult` at the first wrong
/// element. Works on any communicator; takes about a second and 60 MB a rank.
public func runCollectiveSelfTest(_ communicator: any Communicator) throws -> [String] {
  var test = SelfTest(communicator: communicator)
  try test.place()
  try test.broadcast()
  try test.allReduce()
  try test.order()
  try test.notANumber()
  try test.allGather()
  try test.reduceScatter()
  try test.arenas()
  try test.arenaOrder()
  try communicator.barrier("self test done")
  return test.lines
}

/// Values repeat after this many indices.
private let period = 61

private struct SelfTest {
  let communicator: any Communicator
  var lines: [String] = []
  /// One element, an odd few, and beyond what one round carries (256 Ki floats).
  let counts = [1, 3, 1000, 300_001]

  var rank: Int { communicator.rank }
  var size: Int { communicator.size }

  /// A small integer that tells ranks and indices apart; sums of it are exact in every type.
  func value(_ rank: Int, _ index: Int) -> Int { (rank * 7 + index * 3) % period - 20 }

  /// What `value` reduced over all ranks must be, for the indices 0 ..< `period`, after which it repeats.
  func expected(_ reduction: Reduction) -> [Int] {
    (0..<period).map { index in
      let values = (0..<size).map { value($0, index) }
      return switch reduction {
      case .sum: values.reduce(0, +)
      case .maximum: values.reduce(values[0], max)
      case .minimum: values.reduce(values[0], min)
      }
    }
  }

  func require<Value: Equatable>(
    _ found: Value, _ expected: Value, _ index: Int, _ check: @autoclosure () -> String
  ) throws {
    guard found == expected else {
      throw CollectiveError.wrongResult(
        check: check(), rank: rank, index: index, found: "\(found)", expected: "\(expected)")
    }
  }

  mutating func passed(_ check: String) {
    lines.append("\(check): ok on \(size) rank(s), \(communicator.place.nodes) node(s)")
  }
}

// MARK: - Moving bytes

extension SelfTest {
  mutating func place() throws {
    let nodes = try gatherNodes()
    for (other, node) in nodes.enumerated() { try require(0..<communicator.place.nodes ~= node, true, other, "place") }
    let mates = nodes.filter { $0 == communicator.place.node }.count
    try require(mates, communicator.place.ranksInNode, 0, "ranks in node")
    passed("place")
  }

  /// The node of each rank.
  func gatherNodes() throws -> [Int] {
    var mine = communicator.place.node
    var all = [Int](repeating: 0, count: size)
    try withUnsafeBytes(of: &mine) { mine in
      try all.withUnsafeMutableBytes { all in
        try communicator.allGather(mine, into: all, counts: .init(repeating: 8, count: size), "nodes")
      }
    }
    return all
  }

  mutating func broadcast() throws {
    for root in 0..<size {
      for count in [1, 1000, (1 << 20) + 5] {
        var bytes = (0..<count).map { UInt8(truncatingIfNeeded: value(rank, $0)) }
        try bytes.withUnsafeMutableBytes { try communicator.broadcast($0, root: root, "broadcast") }
        for (index, byte) in bytes.enumerated() {
          try require(byte, UInt8(truncatingIfNeeded: value(root, index)), index, "broadcast of \(count) from \(root)")
        }
      }
    }
    passed("broadcast")
  }

  mutating func allGather() throws {
    let cases = [(0..<size).map { $0 * 1000 }, (0..<size).map { (1 << 20) + 3 - $0 }, .init(repeating: 0, count: size)]
    for counts in cases {
      let mine = (0..<counts[rank]).map { UInt8(truncatingIfNeeded: value(rank, $0)) }
      var all = [UInt8](repeating: 0xee, count: counts.reduce(0, +))
      try mine.withUnsafeBytes { mine in
        try all.withUnsafeMutableBytes { try communicator.allGather(mine, into: $0, counts: counts, "allGather") }
      }
      var index = 0
      for (other, count) in counts.enumerated() {
        for element in 0..<count {
          try require(all[index], UInt8(truncatingIfNeeded: value(other, element)), index, "allGather")
          index += 1
        }
      }
    }
    passed("allGather")
  }
}

// MARK: - Reductions

extension SelfTest {
  mutating func allReduce() throws {
    for reduction in [Reduction.sum, .maximum, .minimum] {
      for count in counts {
        let check = "allReduce \(reduction) of \(count)"
        var floats = (0..<count).map { Float(value(rank, $0)) }
        var doubles = floats.map { Double($0) }
        var integers = floats.map { Int64($0) }
        try floats.withUnsafeMutableBufferPointer { try communicator.allReduce($0, reduction, check) }
        try doubles.withUnsafeMutableBufferPointer { try communicator.allReduce($0, reduction, check) }
        try integers.withUnsafeMutableBufferPointer { try communicator.allReduce($0, reduction, check) }
        let expected = expected(reduction)
        for index in 0..<count {
          try require(floats[index], Float(expected[index % period]), index, check + " floats")
          try require(doubles[index], Double(expected[index % period]), index, check + " doubles")
          try require(integers[index], Int64(expected[index % period]), index, check + " integers")
        }
      }
    }
    passed("allReduce")
  }

  /// Fractions whose sum depends on the order: it must be that of the ranks.
  mutating func order() throws {
    func fraction(_ rank: Int, _ index: Int) -> Float { 1 / Float(3 + (rank * 31 + index * 17) % 97) }
    var values = (0..<500).map { fraction(rank, $0) }
    try values.withUnsafeMutableBufferPointer { try communicator.allReduce($0, .sum, "order") }
    for (index, value) in values.enumerated() {
      let expected = (1..<size).reduce(fraction(0, index)) { $0 + fraction($1, index) }
      try require(value.bitPattern, expected.bitPattern, index, "order of a sum")
    }
    passed("order of a sum")
  }

  mutating func notANumber() throws {
    for bad in 0..<size {
      for reduction in [Reduction.sum, .maximum, .minimum] {
        var value: [Float] = [rank == bad ? .nan : Float(rank)]
        try value.withUnsafeMutableBufferPointer { try communicator.allReduce($0, reduction, "not a number") }
        try require(value[0].isNaN, true, bad, "\(reduction) with a NaN of rank \(bad)")
      }
    }
    passed("NaN")
  }

  mutating func reduceScatter() throws {
    for scale in [1, 90_000] {
      let counts = (0..<size).map { ($0 + 1) % size * scale + (size == 1 ? 1 : 0) }
      let total = counts.reduce(0, +)
      let start = counts[..<rank].reduce(0, +)
      let all = (0..<total).map { Float(value(rank, $0)) }
      var mine = [Float](repeating: -1, count: counts[rank])
      try all.withUnsafeBufferPointer { all in
        try mine.withUnsafeMutableBufferPointer {
          try communicator.reduceScatter(all, into: $0, counts: counts, "reduceScatter")
        }
      }
      let expected = expected(.sum)
      for (index, found) in mine.enumerated() {
        try require(found, Float(expected[(start + index) % period]), index, "reduceScatter")
      }
    }
    passed("reduceScatter")
  }
}

// MARK: - Arenas

extension SelfTest {
  mutating func arenas() throws {
    for count in [0, 1, 33, 100_003, 7_000_000] {
      let arena = try communicator.makeSharedArena(count: count, "arena")
      try require(Int(bitPattern: arena.local.baseAddress) % 64, 0, 0, "alignment of an arena")
      if let dirty = arena.local.firstIndex(where: { $0 != 0 }) {
        try require(arena.local[dirty], 0, dirty, "a new arena")
      }
      try wholeSum(arena)
      try partSum(arena)
      try ownPart(arena)
    }
    passed("arenas")
  }

  private func fill(_ arena: any SharedArena) {
    let values = (0..<period).map { Float(value(rank, $0)) }
    for index in arena.local.indices { arena.local[index] = values[index % period] }
  }

  private func requireSums(_ arena: any SharedArena, in part: Range<Int>, _ check: String) throws {
    let sums = expected(.sum).map { Float($0) }
    let values = (0..<period).map { Float(value(rank, $0)) }
    for index in arena.local.indices {
      let expected = part.contains(index) ? sums : values
      try require(arena.local[index], expected[index % period], index, check)
    }
  }

  private func wholeSum(_ arena: any SharedArena) throws {
    fill(arena)
    try arena.sumOverRanks("whole arena")
    try requireSums(arena, in: arena.local.indices, "sum of an arena of \(arena.local.count)")
  }

  private func partSum(_ arena: any SharedArena) throws {
    let part = arena.local.count / 3..<arena.local.count / 2
    fill(arena)
    try arena.sumOverRanks(part, "part of an arena")
    try requireSums(arena, in: part, "sum of \(part) of an arena")
  }

  private func ownPart(_ arena: any SharedArena) throws {
    fill(arena)
    try arena.sumOwnPart("own part")
    try requireSums(arena, in: arena.ownPart, "sum of the own part of an arena of \(arena.local.count)")
    try arena.shareOwnParts("share")
    try requireSums(arena, in: arena.local.indices, "shared parts of an arena of \(arena.local.count)")
  }

  /// In an arena the ranks of a node are added up first, in rank order, then the nodes.
  mutating func arenaOrder() throws {
    let nodes = try gatherNodes()
    func fraction(_ rank: Int, _ index: Int) -> Float { 1 / Float(3 + (rank * 31 + index * 17) % 97) }
    let arena = try communicator.makeSharedArena(count: 1000, "arena order")
    for index in arena.local.indices { arena.local[index] = fraction(rank, index) }
    try arena.sumOverRanks("arena order")
    for index in arena.local.indices {
      let sums = (0..<communicator.place.nodes).map { node in
        nodes.indices.filter { nodes[$0] == node }.map { fraction($0, index) }
      }.map { values in values.dropFirst().reduce(values.first ?? 0, +) }
      let expected = sums.dropFirst().reduce(sums[0], +)
      try require(arena.local[index].bitPattern, expected.bitPattern, index, "order of an arena's sum")
    }
    passed("order of an arena's sum")
  }
}
