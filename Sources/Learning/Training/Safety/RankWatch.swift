internal import Collectives
internal import Reporting
internal import Safeguards

/// What every rank's steps took since the last report, to find the one that all others wait for.
struct RankWatch {
  private var times = RankTimes()
  private var steps = 0

  mutating func add(_ metrics: StepMetrics) {
    steps += 1
    times.data += metrics.dataSeconds
    times.communication += metrics.communicationSeconds
    times.computing += max(0, metrics.stepSeconds - metrics.dataSeconds - metrics.communicationSeconds)
  }

  /// The times of all ranks, and begins anew. Collective.
  mutating func report(_ communicator: any Communicator) throws -> Report {
    defer { (times, steps) = (RankTimes(), 0) }
    return Report(steps: steps, times: try gatherOverRanks([times], communicator, "times of the ranks"))
  }

  struct Report {
    let steps: Int
    /// In rank order.
    let times: [RankTimes]

    /// The line of `metrics.jsonl`: seconds a step.
    var members: [(String, OrderedJSON)] {
      let count = Double(max(1, steps))
      let ranks = times.enumerated().map { rank, time -> OrderedJSON in
        .object([
          ("rank", .integer(rank)), ("computing_seconds", milliseconds(time.computing / count)),
          ("data_seconds", milliseconds(time.data / count)),
          ("communication_seconds", milliseconds(time.communication / count)),
        ])
      }
      return [
        ("steps", .integer(steps)), ("ranks", .list(ranks)),
        ("stragglers", .list(stragglers(times).map { .integer($0) })),
      ]
    }

    /// For a person, where somebody is slow.
    var warning: String? {
      let slow = stragglers(times)
      guard !slow.isEmpty else { return nil }
      let count = Double(max(1, steps))
      let words = slow.map { "rank \($0) takes \(brief(times[$0].own / count)) s a step of its own" }
      return words.joined(separator: ", ") + ", more than twice what the others take "
        + "(\(brief(median(times.map(\.own)) / count)) s in the median); all wait for it"
    }
  }
}

private func milliseconds(_ seconds: Double) -> OrderedJSON { .number((seconds * 1e6).rounded() / 1e6) }
