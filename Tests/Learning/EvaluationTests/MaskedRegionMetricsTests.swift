import Collectives
import Evaluation
import Foundation
import Testing

/// Figures of hidden regions, against numbers worked out by hand.
@Suite struct MaskedRegionMetricsTests {
  private func add(_ logits: [Float], _ probabilities: [Float], to sums: inout MaskedRegionSums) {
    logits.withUnsafeBufferPointer { logits in
      probabilities.withUnsafeBufferPointer { sums.add(logits: logits, $0) }
    }
  }

  private func add(features told: [Float], _ targets: [Float], to sums: inout MaskedRegionSums) {
    told.withUnsafeBufferPointer { told in targets.withUnsafeBufferPointer { sums.add(features: told, $0) } }
  }

  private func metrics(
    _ photos: [MaskedRegionSums], _ bootstrap: ClusterBootstrap? = nil
  ) throws -> MaskedRegionMetrics? {
    try MaskedRegionMetrics(
      localPhotos: photos, images: photos.count, bootstrap: bootstrap, communicator: SoloCommunicator())
  }

  /// Errors 1, 4 and 0 of three regions of two numbers: 5 / 6.
  @Test func errorsAreMeansOverNumbers() throws {
    var photos = [MaskedRegionSums(regions: 1), MaskedRegionSums(regions: 2)]
    add(features: [1, 0], [0, 0], to: &photos[0])
    add(features: [3, 1], [1, 1], to: &photos[1])
    add(features: [2, 2], [2, 2], to: &photos[1])
    let found = try #require(try metrics(photos))
    #expect(found.regions == 3 && found.accuracy == nil && found.divergence == nil && found.pixelError == nil)
    #expect(abs((found.featureError ?? 0) - 5.0 / 6) < 1e-12)
  }

  /// softmax(0, ln 3, 0) = (0.2, 0.6, 0.2). Against (0, 1, 0) it diverges by ln(1 / 0.6), against (0.5, 0.1, 0.4), whose largest is
  /// the background, by 0.5 ln 2.5 + 0.1 ln(1/6) + 0.4 ln 2; its likeliest class but that is the third, and told is the second.
  @Test func classesAreToldWithoutTheBackground() throws {
    var sums = MaskedRegionSums(regions: 2)
    add([0, Float(log(3.0)), 0], [0, 1, 0], to: &sums)
    add([0, Float(log(3.0)), 0], [0.5, 0.1, 0.4], to: &sums)
    let found = try #require(try metrics([sums]))
    #expect(found.accuracy == 50 && found.featureError == nil)
    let expected = (log(1 / 0.6) + 0.5 * log(2.5) + 0.1 * log(1.0 / 6) + 0.4 * log(2.0)) / 2
    #expect(abs((found.divergence ?? 0) - expected) < 1e-6)
  }

  /// Ten photos of errors 0 to 9: the mean is 4.5, and 95 of 100 resamples lie within 1.96 · √(8.25 / 10) of it, about.
  @Test func intervalsAreOverPhotos() throws {
    let photos = (0..<10).map { number in
      var sums = MaskedRegionSums(regions: 1)
      add(features: [Float(number).squareRoot()], [0], to: &sums)
      return sums
    }
    let found = try #require(try metrics(photos, ClusterBootstrap(ImageClusters(Array(0..<10)))))
    let interval = try #require(found.intervals?["feature_error"])
    #expect(abs((found.featureError ?? 0) - 4.5) < 1e-6)
    #expect(abs(interval.low - (4.5 - 1.78)) < 0.25 && abs(interval.high - (4.5 + 1.78)) < 0.25, "\(interval)")
    #expect(found.intervals?["accuracy"] == nil)
    let again = try JSONDecoder().decode(MaskedRegionMetrics.self, from: JSONEncoder().encode(found))
    #expect(again == found)
  }

  @Test func nothingToldIsNothing() throws {
    #expect(try metrics([MaskedRegionSums(regions: 2)]) == nil)
    #expect(try metrics([MaskedRegionSums()]) == nil)
    #expect(throws: EvaluationError.self) {
      try MaskedRegionMetrics(localPhotos: [MaskedRegionSums()], images: 2, communicator: SoloCommunicator())
    }
  }
}
