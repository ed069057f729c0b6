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
  try test.arenaOfBFloat16()
  try communicator.barrier("self test done")
  return test.lines
}

/// Values repeat after this many indices.
let period = 61

struct SelfTest {
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
