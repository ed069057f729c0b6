import Evaluation
import Foundation
import Testing

/// Groups compared by what was found of single cases.
@Suite struct CaseGroupsTests {
  /// Of 12 photos of the north with two questions each, of which 3 in 4 are right; of 10 of the south with one, of which 3 in 10 are; of 4 of
  /// the islands; and of two of nowhere.
  private func groups(clusters: [Int]? = nil, _ change: (inout CaseSet) -> Void = { _ in }) throws -> CaseGroups {
    let names =
      [String?](repeating: "north", count: 12) + [String?](repeating: "south", count: 10)
      + [String?](repeating: "islands", count: 4) + [nil, nil]
    let samples = (0..<12).flatMap { [$0, $0] } + Array(12..<28)
    let right = samples.indices.map { place -> Double in
      let isWrong = place < 24 ? place % 4 == 0 : (27..<34).contains(place)
      return isWrong ? 0 : 100
    }
    var set = CaseSet("questions", samples: samples, [.init("accuracy", "accuracy", right)])
    change(&set)
    return try CaseGroups([set], groups: names, by: "region", clusters: ImageClusters(clusters ?? Array(0..<28)))
  }

  @Test func ratesOfAWorkedExample() throws {
    let groups = try groups()
    #expect(groups.groups.map(\.name) == ["north", "south"] && groups.groups.map(\.samples) == [12, 10])
    let (north, south) = (
      try #require(groups.groups[0].figures["accuracy"]), try #require(groups.groups[1].figures["accuracy"])
    )
    #expect(north.cases == 24 && north.value == 75 && south.cases == 10 && south.value == 30)
    // Wilson's of 3 in 10; two questions of a photo are no two independent ones.
    let json = try json(groups)
    #expect(json.contains(#""interval_by":"wilson""#) && json.contains(#""interval_by":"bootstrap""#), "\(json)")
    let interval = try #require(south.interval)
    #expect(abs(interval.low - 10.78) < 0.01 && abs(interval.high - 60.32) < 0.01, "\(interval)")
    let wide = try #require(north.interval)
    #expect(wide.low > 50 && wide.low < 75 && wide.high > 75 && wide.high < 100)
    let gap = try #require(groups.gaps["accuracy"])
    #expect(gap.gap == 45 && gap.highest == "north" && gap.lowest == "south")
    let between = try #require(gap.interval)
    #expect(between.low > 5 && between.low < 45 && between.high > 45 && between.high < 90, "\(between)")
    #expect(groups.hiddenGroups == 1 && groups.hiddenSamples == 4 && groups.ungrouped == 2)
    #expect(!json.contains("islands") && !groups.lines.joined().contains("islands"))
    #expect(groups.lines.contains("gap of accuracy between north and south: 45.0 points [\(words(between))]"))
    #expect(groups.lines.contains("2 samples are of no group"))
  }

  private func words(_ interval: Interval) -> String {
    [interval.low, interval.high].map { String(format: "%.1f", $0) }.joined(separator: ", ")
  }

  private func json(_ groups: CaseGroups) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(groups), as: UTF8.self)
  }

  /// Where all cases of a group say the same a bootstrap would be sure of it, and knows nothing: as many independent cases as there are say
  /// how sure one may be.
  @Test func whatAllSayIsNotSure() throws {
    let groups = try groups { set in
      for place in 0..<24 { set.figures[0].values[place] = 100 }
    }
    let north = try #require(groups.groups[0].figures["accuracy"])
    // Twelve of twelve.
    let interval = try #require(north.interval)
    #expect(north.value == 100 && abs(interval.low - 75.75) < 0.01 && interval.high == 100, "\(interval)")
    #expect(try json(groups).contains("wilson_of_clusters"))
  }

  /// Equal photos are one.
  @Test func equalPhotosAreNoEvidence() throws {
    let groups = try groups(clusters: (0..<28).map { (12..<22).contains($0) ? 12 : $0 })
    let south = try #require(groups.groups[1].figures["accuracy"])
    #expect(south.value == 30 && south.interval == nil)
  }

  @Test func whereNobodyIsOfAGroupThereIsNothingToSay() throws {
    let error = #expect(throws: EvaluationError.self) {
      try groups { set in
        (set.samples, set.figures[0].values) = ([26, 27], [100, 0])
      }
    }
    #expect(error?.description.contains("no sample of the evaluated split has a region") == true)
    let few = try groups { set in
      (set.samples, set.figures[0].values) = (Array(0..<9) + [25], [Double](repeating: 100, count: 10))
    }
    #expect(few.groups.isEmpty && few.gaps.isEmpty && few.hiddenGroups == 2 && few.hiddenSamples == 10)
    #expect(few.lines.contains("with fewer than two groups of that size there is no gap"))
    #expect(!few.lines.contains { $0.contains("in brackets") })
  }
}
