internal import Collectives
internal import Configuration
internal import Reporting

/// Whether gradients are summed beside the backward pass or after it.
///
/// Where nobody says, the first steps find out: what messages gain by travelling meanwhile they may lose by the core that
/// they take. The sums are the same bits either way, so the choice changes no result.
final class SumOverlap {
  /// Sums the gradients of the next step while its backward pass goes on; nil where they are summed after it.
  var sum: BackgroundSum? { isBeside ? lane : nil }
  private let lane: BackgroundSum?
  private let communicator: any Communicator
  private var isBeside = true
  private var trial: OverlapTrial?
  private var verdict: OverlapVerdict?

  /// Collective.
  /// - Parameter warn: is told where gradients are not summed as was asked for.
  init(
    _ setting: CommunicationSettings.Overlap, of gradients: any SharedArena, _ communicator: any Communicator,
    warn: (String) -> Void
  ) throws {
    self.communicator = communicator
    guard setting == .on || setting == .auto && communicator.place.nodes > 1 else {
      lane = nil
      return
    }
    lane = try communicator.makeBackgroundSum(of: gradients, bucketBytes: nil, "gradients")
    if lane == nil, communicator.size > 1 {
      warn("communication.overlap: this MPI does not offer MPI_THREAD_MULTIPLE: gradients are summed after backward")
    }
    if lane != nil, setting == .auto { trial = OverlapTrial() }
  }

  /// Takes the time of a step in, forward pass to summed gradients; every rank calls this after every step. Collective at the
  /// end of the trial, where the slowest rank's times decide for all.
  func record(_ seconds: Double) throws {
    guard var trial else { return }
    trial.add(seconds)
    self.trial = trial
    isBeside = trial.isBeside
    guard trial.isOver else { return }
    var times = [trial.secondsBeside, trial.secondsAfter]
    try times.withUnsafeMutableBufferPointer {
      try communicator.allReduce($0, .maximum, "time of sums beside the backward pass and after it")
    }
    let found = OverlapVerdict(secondsBeside: times[0], secondsAfter: times[1])
    (self.trial, verdict, isBeside) = (nil, found, found.isBeside)
  }

  /// What the trial came to, once.
  func takeVerdict() -> OverlapVerdict? {
    defer { verdict = nil }
    return verdict
  }
}

/// Steps in turns, with the sums beside the backward pass and after it.
package struct OverlapTrial {
  /// The first steps find memory and the order of the sums.
  private static let warmUp = 2
  private static let turns = 6
  private var steps = 0
  private var beside: [Double] = []
  private var after: [Double] = []

  package init() {}

  /// Of the next step.
  package var isBeside: Bool { steps.isMultiple(of: 2) }
  package var isOver: Bool { steps == Self.warmUp + Self.turns }

  package mutating func add(_ seconds: Double) {
    if steps >= Self.warmUp { if isBeside { beside.append(seconds) } else { after.append(seconds) } }
    steps += 1
  }

  package var secondsBeside: Double { median(beside) }
  package var secondsAfter: Double { median(after) }
}

/// What the trial came to; the same on all ranks.
package struct OverlapVerdict: Equatable {
  package let secondsBeside: Double
  package let secondsAfter: Double
  /// Within a hundredth both are the same, and a core is left alone.
  package var isBeside: Bool { secondsBeside < 0.99 * secondsAfter }

  package init(secondsBeside: Double, secondsAfter: Double) {
    (self.secondsBeside, self.secondsAfter) = (secondsBeside, secondsAfter)
  }

  var members: [(String, OrderedJSON)] {
    [
      ("seconds_beside", .number(secondsBeside)), ("seconds_after", .number(secondsAfter)), ("beside", .flag(isBeside)),
    ]
  }

  var sentence: String {
    "communication.overlap: gradients take \(brief(secondsBeside)) s where they are summed beside the backward pass, "
      + "\(brief(secondsAfter)) s where after it: \(isBeside ? "beside" : "after") it from now on"
  }
}

private func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
}
