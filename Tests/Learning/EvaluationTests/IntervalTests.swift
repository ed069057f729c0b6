import Collectives
import Evaluation
import Foundation
import Randomness
import Testing

@Suite struct IntervalTests {
  /// Figures, and their intervals by the same draws, as NumPy has them.
  @Test func intervalsEqualNumPys() throws {
    let golden = try IntervalGolden.read()
    let documents = try golden.documents()
    for (group, expected) in golden.resampled {
      let document = try Figures(#require(documents[group]))
      #expect(document.intervals.count == expected.count, "\(group)")
      for (key, ends) in expected {
        let figure = try #require(golden.figures[group]?[key])
        #expect(isNear(document.values[key], figure, within: 1e-9), "\(group) \(key)")
        let interval = document.intervals[key]
        #expect(isNear(interval?.low, ends[0], within: 1e-9), "\(group) \(key): \(String(describing: interval))")
        #expect(isNear(interval?.high, ends[1], within: 1e-9), "\(group) \(key): \(String(describing: interval))")
      }
    }
  }

  /// With draws of SciPy's own there is only the difference of the draws.
  @Test func intervalsAreSciPysButForTheDraws() throws {
    let golden = try IntervalGolden.read()
    let documents = try golden.documents()
    for (group, expected) in golden.scipy {
      let intervals = try Figures(#require(documents[group])).intervals
      for (key, found) in expected {
        #expect(isNear(intervals[key]?.low, found[0], within: 4 * found[2] + 1e-9), "\(group) \(key)")
        #expect(isNear(intervals[key]?.high, found[1], within: 4 * found[3] + 1e-9), "\(group) \(key)")
      }
    }
  }

  @Test(arguments: [2, 3, 7])
  func theSameBytesOnAnyNumberOfRanks(ranks: Int) throws {
    let golden = try IntervalGolden.read()
    let alone = try golden.documents()
    let together = try InProcessCommunicator.run(ranks: ranks) { try golden.documents($0) }
    #expect(together == [[String: Data]](repeating: alone, count: ranks))
  }

  /// Made-up splits of 60 photos with 4 captions that are right or wrong together, half of them on average: the true figure
  /// lies in 95 % of the intervals. Where captions pass for independent evidence it lies in far fewer.
  @Test func intervalsCoverTheTruthAsOftenAsTheySay() throws {
    var (byPhoto, byCaption) = (0, 0)
    let splits = 200
    let owners = (0..<240).map { $0 / 4 }
    let photos = ClusterBootstrap(ImageClusters(Array(0..<60)), resamples: 200)
    let captions = ClusterBootstrap(ImageClusters(Array(0..<240)), resamples: 200)
    for split in 0..<splits {
      var random = RandomStream(seed: 1, UInt64(split))
      let isEasy = (0..<60).map { _ in random.integer(below: 2) == 0 }
      let ranks: [Int32] = owners.map { isEasy[$0] == (random.integer(below: 10) > 0) ? 1 : 2 }
      let grouped = try RecallMetrics(ranks: ranks, images: owners, bootstrap: photos).intervals?["r1"]
      let single = try RecallMetrics(ranks: ranks, bootstrap: captions).intervals?["r1"]
      byPhoto += try #require(grouped).contains(50) ? 1 : 0
      byCaption += try #require(single).contains(50) ? 1 : 0
    }
    #expect((0.90...0.99).contains(Double(byPhoto) / Double(splits)), "\(byPhoto) of \(splits)")
    #expect(Double(byCaption) / Double(splits) < 0.8, "\(byCaption) of \(splits)")
  }

  @Test func oneClusterSaysNothingOfOthers() throws {
    #expect(ClusterBootstrap(ImageClusters(["a", "a", "a"])) == nil)
    #expect(ClusterBootstrap(ImageClusters([String]())) == nil)
    #expect(Interval(percentilesOf: [.nan]) == nil)
    #expect(Interval(percentilesOf: [3, .nan]) == Interval(low: 3, high: 3))
  }

  @Test func reportsWithIntervalsAreReadAgain() throws {
    let bootstrap = try #require(ClusterBootstrap(ImageClusters([0, 1, 2])))
    let report = EvaluationReport(
      retrieval: try RetrievalMetrics(
        imageRanks: [1, 2, 9], captionRanks: [1, 6, 11], imageOfCaption: [0, 1, 2], bootstrap: bootstrap),
      matching: try MatchingMetrics(scores: [1, 2, -1], labels: [true, false, false], bootstrap: bootstrap))
    #expect(try JSONDecoder().decode(EvaluationReport.self, from: JSONEncoder().encode(report)) == report)
    let lines = report.table.split(separator: "\n")
    #expect(lines[0].hasSuffix("median rank") && lines[1].hasPrefix("image→text   33.3 [0.0, 100.0]"), "\(lines[1])")
    #expect(lines[4].hasPrefix("matching accuracy 66.67 % [0.00, 100.00], AUC"), "\(lines[4])")
  }

  @Test func wordsWithOwnAndOtherPhotosStandInATable() throws {
    let own = [MaskedTextSums(tokens: 4, right: 3, costs: 4), MaskedTextSums(tokens: 4, right: 3, costs: 4)]
    let others = [MaskedTextSums(tokens: 4, right: 2, costs: 8), MaskedTextSums(tokens: 4, right: 2, costs: 8)]
    let metrics = try MaskedTextMetrics(
      localCaptions: own, withOtherPhotos: others, imageOfCaption: [0, 1],
      bootstrap: ClusterBootstrap(ImageClusters([0, 1])), communicator: SoloCommunicator())
    let expected = """
      masked words                    right             perplexity
      own photos       75.00 [75.00, 75.00]      2.72 [2.72, 2.72]
      others' photos   50.00 [50.00, 50.00]      7.39 [7.39, 7.39]
      difference       25.00 [25.00, 25.00]   -4.67 [-4.67, -4.67]
      8 masked tokens; right in percent
      in brackets: 95 % intervals over photos (docs/evaluation.md)

      """
    var report = EvaluationReport(retrieval: nil)
    report.maskedText = metrics
    #expect(report.table == expected)
  }
}

/// The numbers of a JSON document, and its intervals.
private struct Figures {
  var values: [String: Double] = [:]
  var intervals: [String: Interval] = [:]

  init(_ document: Data) throws {
    struct Intervals: Decodable { var intervals: [String: Interval]? }
    intervals = try JSONDecoder().decode(Intervals.self, from: document).intervals ?? [:]
    let members = try JSONSerialization.jsonObject(with: document) as? [String: Any] ?? [:]
    values = members.compactMapValues { $0 as? Double }
  }
}

private func isNear(_ value: Double?, _ expected: Double, within tolerance: Double) -> Bool {
  value.map { abs($0 - expected) <= tolerance } ?? false
}

extension Interval {
  fileprivate func contains(_ value: Double) -> Bool { low <= value && value <= high }
}
