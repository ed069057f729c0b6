extension SelfTest {
  mutating func arenas() throws {
    for count in [0, 1, 33, 100_003, 6_600_000] {
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
    let local = arena.local
    for index in local.indices { local[index] = values[index % period] }
  }

  private func requireSums(_ arena: any SharedArena, in part: Range<Int>, _ check: String) throws {
    let sums = expected(.sum).map { Float($0) }
    let values = (0..<period).map { Float(value(rank, $0)) }
    let local = arena.local
    for index in local.indices {
      let expected = part.contains(index) ? sums : values
      try require(local[index], expected[index % period], index, check)
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
    let arena = try communicator.makeSharedArena(count: 1000, "arena order")
    for index in arena.local.indices { arena.local[index] = fraction(rank, index) }
    try arena.sumOverRanks("arena order")
    for index in arena.local.indices {
      let sums = nodeSums(index, nodes)
      let expected = sums.dropFirst().reduce(sums[0], +)
      try require(arena.local[index].bitPattern, expected.bitPattern, index, "order of an arena's sum")
    }
    passed("order of an arena's sum")
  }

  /// Between nodes as bfloat16: what nodes bring is rounded, added in fp32 in node order, and rounded; so each addend and
  /// the sum are off by 2⁻⁸ of themselves at most. Within one node nothing is rounded.
  mutating func arenaOfBFloat16() throws {
    let nodes = try gatherNodes()
    let several = communicator.place.nodes > 1
    let arena = try communicator.makeSharedArena(count: 1000, wire: .bf16, "arena of bfloat16")
    for index in arena.local.indices { arena.local[index] = index == 7 ? .nan : fraction(rank, index) }
    try arena.sumOwnPart("bfloat16")
    try arena.shareOwnParts("bfloat16")
    for index in arena.local.indices where index != 7 {
      let exact = nodeSums(index, nodes)
      let sums = several ? exact.map(nearestBFloat16) : exact
      let sum = sums.dropFirst().reduce(sums[0], +)
      let found = arena.local[index]
      try require(found.bitPattern, (several ? nearestBFloat16(sum) : sum).bitPattern, index, "sum as bfloat16")
      let exactSum = exact.reduce(0) { $0 + Double($1) }
      let allowed = exact.reduce(abs(Double(sum))) { $0 + abs(Double($1)) } / 256
      try require(abs(Double(found) - exactSum) <= allowed, true, index, "error of a sum as bfloat16")
    }
    try require(arena.local[7].isNaN, true, 7, "NaN as bfloat16")
    passed("sum as bfloat16")
  }

  /// Its sums depend on the order, and need more than bfloat16's bits; both signs.
  private func fraction(_ rank: Int, _ index: Int) -> Float {
    (index % 3 == rank % 2 ? -1 : 1) / Float(3 + (rank * 31 + index * 17) % 97)
  }

  private func nodeSums(_ index: Int, _ nodes: [Int]) -> [Float] {
    (0..<communicator.place.nodes).map { node in
      nodes.indices.filter { nodes[$0] == node }.map { fraction($0, index) }
    }.map { values in values.dropFirst().reduce(values.first ?? 0, +) }
  }
}

/// By arithmetic rather than by bits: 8 significant bits, ties to even.
private func nearestBFloat16(_ value: Float) -> Float {
  guard value != 0 else { return value }
  let unit = value.ulp * 65_536
  return (value / unit).rounded(.toNearestOrEven) * unit
}
