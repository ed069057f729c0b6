internal import Randomness

/// How sure a figure is that was measured on a sample of images: the images are drawn again, with replacement, as many as
/// there are, and the figure is computed anew, many times (Efron, 1979). What belongs together is drawn together: an image
/// with all its captions, a group with all its images. Captions of one photo would otherwise pass for independent evidence,
/// and the intervals be too narrow (Davison and Hinkley, "Bootstrap Methods and their Application", 1997, §3.8).
///
/// The draws are functions of the resample alone: the same on any number of ranks, and for any two models on one split.
public struct ClusterBootstrap: Sendable {
  private let clusters: ImageClusters
  private let resamples: Int

  /// Nil where there are fewer than two clusters: one alone says nothing of others.
  public init?(_ clusters: ImageClusters, resamples: Int = 2000) {
    guard clusters.count > 1, resamples > 0 else { return nil }
    (self.clusters, self.resamples) = (clusters, resamples)
  }

  /// The 95 % intervals of some figures, by their keys; without one that no resample has.
  /// - Parameter figures: what they are where image i is there `times[i]` times; NaN where one has no value.
  func intervals<Key: CodingKey>(_ keys: [Key], _ figures: (_ times: [Int]) -> [Double]) -> [String: Interval] {
    let drawn = (0..<resamples).map { figures(times(inResample: UInt64($0))) }
    var intervals: [String: Interval] = [:]
    for (place, key) in keys.enumerated() {
      intervals[key.stringValue] = Interval(percentilesOf: drawn.map { $0[place] })
    }
    return intervals
  }

  /// What a figure is in each resample.
  /// - Parameter figure: what it is where image i is there `times[i]` times.
  func resampled(_ figure: (_ times: [Int]) -> Double) -> [Double] {
    (0..<resamples).map { figure(times(inResample: UInt64($0))) }
  }

  /// How often each image is there.
  private func times(inResample resample: UInt64) -> [Int] {
    var random = RandomStream(seed: 0, .intervals, resample)
    var drawn = [Int](repeating: 0, count: clusters.count)
    for _ in 0..<clusters.count { drawn[random.integer(below: clusters.count)] += 1 }
    return clusters.ofImage.map { drawn[$0] }
  }
}
