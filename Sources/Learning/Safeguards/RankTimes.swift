/// Where the time of one rank went, in seconds, summed over the steps of a report.
public struct RankTimes: Equatable, Sendable, BitwiseCopyable {
  /// Own work: all but the two below.
  public var computing: Double
  /// Waiting for batches.
  public var data: Double
  /// In collective calls, most of it waiting for slower ranks.
  public var communication: Double

  public init(computing: Double = 0, data: Double = 0, communication: Double = 0) {
    (self.computing, self.data, self.communication) = (computing, data, communication)
  }

  /// What the others wait for.
  public var own: Double { computing + data }
}

/// The ranks that take more than `factor` times as long as the others do in the median.
///
/// What a rank spends in collective calls is not its own doing, and does not count. Differences below `threshold` seconds
/// are noise.
public func stragglers(_ times: [RankTimes], factor: Double = 2, threshold: Double = 0.1) -> [Int] {
  times.indices.filter { rank in
    let others = times.indices.filter { $0 != rank }.map { times[$0].own }
    guard !others.isEmpty else { return false }
    return times[rank].own > factor * median(others) && times[rank].own - median(others) > threshold
  }
}
