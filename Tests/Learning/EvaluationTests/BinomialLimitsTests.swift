import Evaluation
import Testing

@Suite struct BinomialLimitsTests {
  @Test func limitsEqualSciPys() throws {
    for row in try ClassesGolden.read().binomial {
      let (n, k, doubt) = (Int(row[0]), Int(row[1]), row[2])
      #expect(abs(BinomialLimits.upper(k, of: n, doubt: doubt) - row[3]) < 1e-9, "\(row)")
      #expect(abs(BinomialLimits.lower(k, of: n, doubt: doubt) - row[4]) < 1e-9, "\(row)")
      let wilson = try #require(Interval(wilson: k, of: n))
      #expect(abs(wilson.low - row[5]) < 1e-9 && abs(wilson.high - row[6]) < 1e-9, "\(row)")
      #expect(abs(BinomialLimits.atMost(k, of: n, share: 0.05) - row[7]) < 1e-12, "\(row)")
    }
  }

  /// Published figures.
  @Test(arguments: [
    (100, 0, 0.001, 0.0667457), (100, 2, 0.05, 0.0616192), (500, 10, 0.01, 0.0398815), (1000, 50, 0.001, 0.0749532),
  ])
  func upperLimitsOfTheLiterature(n: Int, k: Int, doubt: Double, expected: Double) {
    #expect(abs(BinomialLimits.upper(k, of: n, doubt: doubt) - expected) < 1e-7)
  }

  @Test func theEndsAreKnown() {
    #expect(BinomialLimits.upper(5, of: 5, doubt: 0.05) == 1 && BinomialLimits.lower(0, of: 5, doubt: 0.05) == 0)
    #expect(BinomialLimits.atMost(-1, of: 5, share: 0.5) == 0 && BinomialLimits.atMost(5, of: 5, share: 0.5) == 1)
    #expect(BinomialLimits.faultlessNeeded(share: 0.05, doubt: 0.05) == 59)
    #expect(
      BinomialLimits.atMost(0, of: 59, share: 0.05) <= 0.05 && BinomialLimits.atMost(0, of: 58, share: 0.05) > 0.05)
    #expect(Interval(wilson: 0, of: 0) == nil)
  }

  /// One right of one is anything between a fifth and all.
  @Test func oneOfOneSaysLittle() throws {
    let interval = try #require(Interval(wilson: 1, of: 1))
    #expect(interval.low > 0.20 && interval.low < 0.21 && interval.high == 1)
  }
}
