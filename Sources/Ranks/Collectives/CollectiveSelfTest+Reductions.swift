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
