import Evaluation
import Foundation
import Testing

@Suite struct GroupMetricsTests {
  /// Of two classes: a group of `count` samples, of which so many of each class are found.
  private func samples(_ count: Int, right: (Int, Int)) -> (logits: [[Float]], targets: [Int?]) {
    let of0 = count / 2
    let found = (0..<count).map { $0 < of0 ? $0 < right.0 : $0 - of0 < right.1 }
    let targets = (0..<count).map { $0 < of0 ? 0 : 1 }
    return (zip(targets, found).map { ($0 == 0) == $1 ? [2, 0] : [0, 2] }, targets)
  }

  private func metrics(hasIntervals: Bool = false) throws -> GroupMetrics {
    let (north, south, few) = (samples(20, right: (10, 8)), samples(20, right: (6, 9)), samples(4, right: (2, 2)))
    let names =
      [String?](repeating: "north", count: 20) + [String?](repeating: "south", count: 20)
      + [String?](repeating: "islands", count: 4)
    let all = predictions(north.logits + south.logits + few.logits, north.targets + south.targets + few.targets)
    return try GroupMetrics(all, groups: names, by: "region", hasIntervals: hasIntervals)
  }

  /// North finds 10 of 10 and 8 of 10, south 6 of 10 and 9 of 10: 90 and 75 percent; of the first class 100 and 60 percent are found, of
  /// the second 80 and 90, and 20 and 10 percent of the others are taken for the first.
  @Test func gapsOfAWorkedExample() throws {
    let metrics = try metrics(hasIntervals: true)
    #expect(metrics.groups.map(\.name) == ["north", "south"] && metrics.groups.map(\.accuracy) == [90, 75])
    #expect(metrics.groups.map(\.samples) == [20, 20] && metrics.groups.map(\.right) == [18, 15])
    #expect(try abs(#require(metrics.gap) - 15) < 1e-9)
    #expect(try abs(#require(metrics.equalisedOdds) - 40) < 1e-9)
    // The first is said of 12 and 7 of 20.
    #expect(try abs(#require(metrics.demographicParity) - 25) < 1e-9)
    let interval = try #require(metrics.groups[0].interval)
    #expect(abs(interval.low - 69.90) < 0.01 && abs(interval.high - 97.21) < 0.01, "\(interval)")
    let gap = try #require(metrics.intervals?["gap"])
    #expect(gap.low >= 0 && gap.low < 15 && gap.high > 15)
  }

  /// Of north 18 of 20 are found and each class has as many others: its rates are 90 and 10 percent, by class 100 and 80 of those of it.
  @Test func ratesOfEachGroupAndClass() throws {
    let north = try #require(metrics().groups.first)
    let others = try #require(north.falsePositiveRate)
    #expect(north.truePositiveRate == 90 && abs(others - 10) < 1e-9)
    let classes = try #require(north.byClass)
    #expect(classes.map(\.samples) == [10, 10] && classes.map(\.others) == [10, 10])
    #expect(classes.map(\.truePositiveRate) == [100, 80] && classes[0].falsePositiveRate == 20)
    #expect(classes[1].falsePositiveRate == 0)
    let text = String(decoding: try JSONEncoder().encode(metrics()), as: UTF8.self)
    #expect(text.contains(#""true_positive_rate":90"#) && text.contains(#""interval_by":"wilson""#))
    // Nine of a class say nothing of it.
    let few = samples(18, right: (9, 9))
    let ofFew = try GroupMetrics(
      predictions(few.logits, few.targets), groups: [String?](repeating: "north", count: 18), by: "region")
    let row = try #require(ofFew.groups.first)
    #expect(try #require(row.byClass).allSatisfy { $0.truePositiveRate == nil && $0.falsePositiveRate == nil })
    #expect(row.truePositiveRate == 100)
  }

  /// Samples of one patient are no independent evidence.
  @Test func patientsGoTogether() throws {
    let north = samples(20, right: (10, 8))
    let metrics = try GroupMetrics(
      predictions(north.logits, north.targets), groups: [String?](repeating: "north", count: 20), by: "region",
      clusters: ImageClusters((0..<20).map { $0 / 2 }))
    let text = String(decoding: try JSONEncoder().encode(metrics), as: UTF8.self)
    #expect(text.contains(#""interval_by":"bootstrap""#))
    #expect(metrics.lines.contains { $0.contains("by a bootstrap over what is independent") })
  }

  @Test func smallGroupsAreHiddenAndSaid() throws {
    let metrics = try metrics()
    #expect(metrics.hiddenGroups == 1 && metrics.hiddenSamples == 4 && metrics.intervals == nil)
    let text = String(decoding: try JSONEncoder().encode(metrics), as: UTF8.self) + metrics.lines.joined()
    #expect(!text.contains("islands"))
    #expect(metrics.lines.contains("1 groups of fewer than 10 samples are not shown (4 samples)"))
  }

  @Test func whereThereIsOneGroupThereIsNoGap() throws {
    let north = samples(10, right: (5, 5))
    let metrics = try GroupMetrics(
      predictions(north.logits, north.targets), groups: [String?](repeating: "north", count: 9) + [nil], by: "region",
      hasIntervals: true)
    #expect(metrics.gap == nil && metrics.equalisedOdds == nil && metrics.ungrouped == 1 && metrics.groups.isEmpty)
    #expect(metrics.lines.contains("with fewer than two groups of that size there is no gap"))
    let error = #expect(throws: EvaluationError.self) {
      try GroupMetrics(
        predictions(north.logits, north.targets), groups: [String?](repeating: nil, count: 10), by: "region")
    }
    #expect(error?.description.contains("no sample of the evaluated split has a region") == true)
  }
}
