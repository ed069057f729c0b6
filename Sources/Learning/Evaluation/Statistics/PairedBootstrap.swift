/// How sure a difference of two models is that were asked the same samples: images, or groups, are drawn again as `ClusterBootstrap` draws them, the
/// same for both. Models of several seeds count by the mean over these.
public struct PairedBootstrap: Equatable, Sendable {
  /// Samples that both were asked, and of which it is known what is right.
  public let samples: Int
  public let difference: Double
  /// 95 %.
  public let interval: Interval
  /// Two-sided: how often the resamples' difference lies at least as far from the difference itself as that lies from 0, (c + 1) / (n + 1)
  /// (Koehn, EMNLP 2004, with the differences centred).
  public let p: Double

  /// Nil where there are fewer than two clusters, or the samples are not the same.
  /// - Parameters:
  ///   - first, second: each sample's score.
  ///   - clusters: the number of its image or group.
  public init?(_ first: [Double], less second: [Double], clusters: [Int], resamples: Int = 10_000) {
    guard first.count == second.count, first.count == clusters.count, !first.isEmpty,
      let bootstrap = ClusterBootstrap(ImageClusters(clusters), resamples: resamples)
    else { return nil }
    let differences = zip(first, second).map { $0 - $1 }
    let difference = differences.reduce(0, +) / Double(differences.count)
    let drawn = bootstrap.resampled { times in
      zip(differences, times).reduce(0.0) { $0 + $1.0 * Double($1.1) } / Double(times.reduce(0, +))
    }
    guard let interval = Interval(percentilesOf: drawn) else { return nil }
    // What rounding makes of equal sums is no difference.
    let distance = difference.magnitude - 1e-12 * (differences.map(\.magnitude).max() ?? 0)
    let far = drawn.count { ($0 - difference).magnitude >= distance }
    (samples, self.difference, self.interval) = (first.count, difference, interval)
    p = Double(far + 1) / Double(drawn.count + 1)
  }
}
