import Randomness
import Testing

@Suite struct RandomStreamTests {
  /// The known answers that Random123 1.14 ships for philox4x32 with 10 rounds (tests/kat_vectors).
  @Test func blockFunctionGivesKnownAnswers() {
    let zero = philox(counter: 0, domain: 0, key: (0, 0))
    #expect(zero == (0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    let ones = philox(counter: .max, domain: .max, key: (.max, .max))
    #expect(ones == (0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    let pi = philox(
      counter: 0x85A3_08D3_243F_6A88, domain: 0x0370_7344_1319_8A2E, key: (0xA409_3822, 0x299F_31D0))
    #expect(pi == (0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  @Test func sameNameSameNumbers() {
    var a = RandomStream(seed: 7, 2, 3)
    var b = RandomStream(seed: 7, path: [2, 3])
    for _ in 0..<100 { #expect(a.next() == b.next()) }
  }

  /// Purposes keep their numbers, under which streams were drawn before they had names.
  @Test func aPurposeIsTheFirstPartOfAName() {
    #expect(RandomPurpose.allCases.map(\.rawValue) == Array(1...36))
    let names: [(RandomPurpose, UInt64)] = [(.weights, 1), (.augmentation, 4), (.maskedText, 12)]
    for (purpose, number) in names {
      var a = RandomStream(seed: 7, purpose, 3, 5)
      var b = RandomStream(seed: 7, number, 3, 5)
      for _ in 0..<100 { #expect(a.next() == b.next()) }
    }
  }

  @Test func otherNamesGiveOtherNumbers() {
    let names: [(UInt64, [UInt64])] = [
      (0, []), (1, []), (0, [0]), (0, [1]), (0, [0, 0]), (0, [0, 1]), (0, [1, 0]), (1, [0]), (.max, [.max]),
      (0, [.max]),
    ]
    var first: Set<UInt64> = []
    for (seed, path) in names {
      var stream = RandomStream(seed: seed, path: path)
      for _ in 0..<8 { first.insert(stream.next()) }
    }
    #expect(first.count == 8 * names.count)
  }

  /// Beta(10, 10) has a mean of a half, a variance of 1/84 and a fourth central moment of 0.000386; Beta(1, 1) is even.
  @Test func sharesOfTwoSumsAreBeta() {
    var random = RandomStream(seed: 11)
    let drawn = (0..<40_000).map { _ in random.beta(10) }
    func moment(_ power: Int) -> Double {
      drawn.reduce(0) { sum, share in sum + (0..<power).reduce(1) { product, _ in product * (share - 0.5) } } / 40_000
    }
    #expect(abs(moment(1)) < 0.0022 && drawn.allSatisfy { $0 > 0 && $0 < 1 })
    #expect(abs(moment(2).squareRoot() - (1.0 / 84).squareRoot()) < 0.0016)
    #expect(abs(moment(4) - 3.0 / (84 * 84) * 21 / 23) < 0.00002)
    let even = (0..<40_000).map { _ in random.beta(1) }
    for quarter in 1..<4 {
      #expect(abs(Double(even.count { $0 < Double(quarter) / 4 }) / 40_000 - Double(quarter) / 4) < 0.01)
    }
  }

  @Test func neighbouringStreamsAreUncorrelated() {
    let count = 20_000
    var sum = 0.0
    for sample in 0..<UInt64(count) {
      var a = RandomStream(seed: 1, 4, 0, sample)
      var b = RandomStream(seed: 1, 4, 0, sample + 1)
      sum += (Double(a.uniform()) - 0.5) * (Double(b.uniform()) - 0.5)
    }
    #expect(abs(12 * sum / Double(count)) < 4 / Double(count).squareRoot())
  }

  @Test func uniformFillsItsRangeEvenly() {
    var stream = RandomStream(seed: 3)
    var bins = [Int](repeating: 0, count: 64)
    let count = 64_000
    for _ in 0..<count {
      let value = stream.uniform()
      #expect(value >= 0 && value < 1)
      bins[Int(value * 64)] += 1
    }
    #expect(chiSquare(bins, count) < 120)  // 63 degrees of freedom: one run in 20,000 exceeds it
  }

  @Test(arguments: [1, 2, 3, 7, 1000, 1 << 20])
  func integersAreUnbiased(bound: Int) {
    var stream = RandomStream(seed: 4, UInt64(bound))
    let bins = min(bound, 50)
    var counts = [Int](repeating: 0, count: bins)
    for _ in 0..<50_000 {
      let value = stream.integer(below: bound)
      #expect((0..<bound).contains(value))
      counts[value * bins / bound] += 1
    }
    #expect(chiSquare(counts, 50_000) < 110)
  }

  @Test func normalsHaveTheRightMoments() {
    var stream = RandomStream(seed: 5)
    let values = (0..<100_000).map { _ in Double(stream.normal()) }
    func moment(_ power: Int) -> Double {
      values.reduce(0) { sum, value in sum + (0..<power).reduce(1) { product, _ in product * value } } / 100_000
    }
    #expect(abs(moment(1)) < 0.013)
    #expect(abs(moment(2) - 1) < 0.02)
    #expect(abs(moment(3)) < 0.05)
    #expect(abs(moment(4) - 3) < 0.15)
  }

  @Test func shuffleIsAPermutationAndReachesAll() {
    var seen: Set<[Int]> = []
    var stream = RandomStream(seed: 6)
    for _ in 0..<400 {
      var order = [0, 1, 2, 3]
      stream.shuffle(&order)
      #expect(order.sorted() == [0, 1, 2, 3])
      seen.insert(order)
    }
    #expect(seen.count == 24)
  }

  private func chiSquare(_ counts: [Int], _ total: Int) -> Double {
    let expected = Double(total) / Double(counts.count)
    return counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
  }
}
