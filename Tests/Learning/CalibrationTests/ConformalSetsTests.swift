import Calibration
import Evaluation
import Randomness
import Testing

@Suite struct ConformalSetsTests {
  @Test(arguments: ConformalSets.Rule.allCases)
  func quantilesEqualNumPys(rule: ConformalSets.Rule) throws {
    let golden = try CalibrationGolden.read()
    let probabilities = (0..<golden.ofOne.count).map { golden.ofOne.probabilities(of: $0) }
    var sets = ConformalSets(probabilities, golden.one.targets, classes: 4, miss: 0.1, rule: rule)
    let expected = try #require(golden.sets[rule.rawValue])
    #expect(try abs(#require(sets.quantile) - expected.quantile) < 1e-9)
    #expect(sets.samplesOfClass[3] == 0 && sets.quantileOfClass[3] == nil)
    // By the quantile of all, as there.
    sets.quantileOfClass = [nil, nil, nil, nil]
    #expect(probabilities.map { sets.possible($0)?.count } == expected.sizes)
  }

  @Test(arguments: [(0.05, 19), (0.1, 9), (0.2, 4)])
  func howManyAQuantileTakes(miss: Double, needed: Int) {
    let sets = { (count: Int) in
      ConformalSets(
        [[Double]](repeating: [0.7, 0.3], count: count), [Int](repeating: 0, count: count), classes: 2, miss: miss,
        rule: .least)
    }
    #expect(sets(needed).needed == needed && sets(needed).quantile != nil && sets(needed - 1).quantile == nil)
    #expect(sets(needed - 1).possible([0.5, 0.5]) == nil)
  }

  /// A class with enough samples has a quantile of its own: what the rare one is said to be is often too little by that of all.
  @Test func eachClassThatCanHasItsOwn() throws {
    let common = [[Double]](repeating: [0.9, 0.1], count: 90)
    let rare = [[Double]](repeating: [0.6, 0.4], count: 9)
    let targets = [Int](repeating: 0, count: 90) + [Int](repeating: 1, count: 9)
    let sets = ConformalSets(common + rare, targets, classes: 2, miss: 0.1, rule: .least)
    #expect(try abs(#require(sets.quantileOfClass[0]) - 0.1) < 1e-12)
    #expect(try abs(#require(sets.quantileOfClass[1]) - 0.6) < 1e-12)
    #expect(sets.possible([0.9, 0.1]) == [0] && sets.possible([0.6, 0.4]) == [1])
    #expect(sets.possible([0.7, 0.3]) == [])
  }

  /// Of samples like those it was fitted to, the true class is among the possible ones as often as is asked for.
  @Test(arguments: ConformalSets.Rule.allCases)
  func setsHoldTheTruth(rule: ConformalSets.Rule) throws {
    var (held, asked) = (0, 0)
    for seed in 0..<UInt64(40) {
      var random = RandomStream(seed: seed, 79)
      let all = (0..<200).map { _ -> (p: [Double], target: Int) in
        let weights = (0..<4).map { _ in Double(random.uniform()) + 0.01 }
        let p = weights.map { $0 / weights.reduce(0, +) }
        let draw = Double(random.uniform())
        let target = p.indices.first { p[0...$0].reduce(0, +) > draw } ?? 3
        return (p, target)
      }
      let sets = ConformalSets(
        all.prefix(100).map(\.p), all.prefix(100).map(\.target), classes: 4, miss: 0.2, rule: rule)
      asked += 100
      held += try all.suffix(100).count { try #require(sets.possible($0.p)).contains($0.target) }
    }
    #expect((0.78...0.87).contains(Double(held) / Double(asked)), "\(held) of \(asked)")
  }
}
