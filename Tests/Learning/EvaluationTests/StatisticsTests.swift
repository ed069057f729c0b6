import Evaluation
import Files
import Foundation
import TestSupport
import Testing

/// Beside scipy's and statsmodels' figures (Tests/Golden/statistics.py).
@Suite struct StatisticsTests {
  private struct Golden: Decodable {
    struct Quantile: Decodable { let freedom: Int, doubt: Double, t: Double }
    struct Tail: Decodable { let freedom: Int, t: Double, p: Double }
    struct Mean: Decodable {
      let values: [Double], mean: Double, deviation: Double, low: Double, high: Double, p: Double
    }
    struct Pair: Decodable { let first: [Double], second: [Double], low: Double, high: Double, p: Double }
    struct Holm: Decodable { let p: [Double], corrected: [Double] }
    struct Discordant: Decodable { let first: Int, second: Int, p: Double }
    struct Bootstrap: Decodable { let groups: [[Double]], difference: Double, low: Double, high: Double, p: Double }

    let quantiles: [Quantile], tails: [Tail], means: [Mean], pairs: [Pair], holm: [Holm], mcnemar: [Discordant]
    let bootstraps: [Bootstrap]
  }

  private let golden: Golden

  init() throws {
    golden = try JSONDecoder().decode(Golden.self, from: Data(readFile(goldenDirectory + "/statistics.json")))
  }

  private func isNear(_ value: Double, _ expected: Double, _ tolerance: Double = 1e-9) -> Bool {
    abs(value - expected) <= tolerance * max(1, abs(expected))
  }

  @Test func studentsTailsAndQuantiles() {
    for row in golden.quantiles {
      #expect(isNear(StudentDistribution.quantile(doubt: row.doubt, freedom: row.freedom), row.t), "\(row)")
    }
    for row in golden.tails {
      #expect(isNear(StudentDistribution.twoSided(row.t, freedom: row.freedom), row.p), "\(row)")
    }
    #expect(StudentDistribution.twoSided(.nan, freedom: 3).isNaN)
    #expect(StudentDistribution.twoSided(-.infinity, freedom: 3) == 0)
  }

  @Test func meansAndPairs() throws {
    for row in golden.means {
      let mean = try #require(SampleMean(row.values))
      let interval = try #require(mean.interval)
      #expect(isNear(mean.mean, row.mean) && isNear(mean.deviation ?? .nan, row.deviation), "\(row)")
      #expect(isNear(interval.low, row.low) && isNear(interval.high, row.high), "\(row)")
      #expect(isNear(mean.p ?? .nan, row.p), "\(row)")
    }
    for row in golden.pairs {
      let mean = try #require(SampleMean(row.first, less: row.second))
      let interval = try #require(mean.interval)
      #expect(isNear(interval.low, row.low) && isNear(interval.high, row.high), "\(row)")
      #expect(isNear(mean.p ?? .nan, row.p), "\(row)")
    }
  }

  /// One run has no deviation, and equal ones have none either.
  @Test func fewOrEqualRuns() throws {
    let one = try #require(SampleMean([3]))
    #expect(one.mean == 3 && one.deviation == nil && one.interval == nil && one.p == nil)
    let equal = try #require(SampleMean([2, 2, 2]))
    #expect(equal.deviation == 0 && equal.interval == Interval(low: 2, high: 2) && equal.p == 0)
    #expect(SampleMean([0, 0])?.p == 1)
    #expect(SampleMean([]) == nil && SampleMean([1, .nan]) == nil && SampleMean([1], less: [1, 2]) == nil)
  }

  @Test func holm() {
    for row in golden.holm {
      for (own, expected) in zip(holmCorrected(row.p), row.corrected) {
        #expect(isNear(own ?? .nan, expected, 1e-12), "\(row)")
      }
    }
    // What could not be compared does not count.
    #expect(holmCorrected([nil, 0.04, nil, 0.03]) == [nil, 0.06, nil, 0.06])
    #expect(holmCorrected([nil]) == [nil])
  }

  @Test func mcNemar() {
    for row in golden.mcnemar {
      #expect(isNear(McNemarTest(first: row.first, second: row.second).p, row.p), "\(row)")
    }
    let test = McNemarTest([true, true, false, true], [true, false, true, false])
    #expect(test?.first == 2 && test?.second == 1)
    #expect(McNemarTest([true], []) == nil)
  }

  /// Resamples drawn beside all of them: p within five standard errors, the ends of intervals within what so many draws leave open.
  @Test func pairedBootstrap() throws {
    for row in golden.bootstraps {
      let clusters = row.groups.enumerated().flatMap { place, group in group.map { _ in place } }
      let first = row.groups.flatMap(\.self)
      let resamples = 40_000
      let own = try #require(
        PairedBootstrap(first, less: first.map { _ in 0 }, clusters: clusters, resamples: resamples))
      #expect(isNear(own.difference, row.difference, 1e-12))
      let error = (row.p * (1 - row.p) / Double(resamples)).squareRoot()
      #expect(abs(own.p - row.p) < 5 * error + 2 / Double(resamples), "\(own.p) \(row.p)")
      #expect(abs(own.interval.low - row.low) < 0.05 && abs(own.interval.high - row.high) < 0.05, "\(own) \(row)")
    }
  }

  /// The same samples say the same of every pair, and nothing of one group alone.
  @Test func pairedBootstrapOfFew() throws {
    let same = try #require(PairedBootstrap([1, 0, 1], less: [1, 0, 1], clusters: [0, 1, 2]))
    #expect(same.difference == 0 && same.p == 1 && same.interval == Interval(low: 0, high: 0))
    #expect(PairedBootstrap([1, 0], less: [0, 0], clusters: [4, 4]) == nil)
    #expect(PairedBootstrap([1], less: [0, 0], clusters: [1]) == nil)
  }
}
