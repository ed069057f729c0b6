public import Collectives
public import Configuration
internal import Reporting
internal import Safeguards

/// What watching over a run costs, in seconds.
public struct SafeguardMeasurement: Sendable {
  /// Steps without any safeguard, and steps with a verdict on their numbers, taken in turns.
  public let plain: [Double]
  public let guarded: [Double]
  /// Comparisons of all ranks' weights and times, as after every `guard.check_every` steps.
  public let comparisons: [Double]
  /// Looks for what is not finite in all weights, as before a checkpoint.
  public let finite: [Double]
}

/// Times steps with and without what `guard` does, in turns; collective.
/// - Parameter repetitions: of each that are counted; two more go before.
public func measureSafeguards(
  _ configuration: RunConfiguration, on pairs: MeasuredPairs, threads: Int, repetitions: Int,
  communicator: any Communicator
) throws -> SafeguardMeasurement {
  let (setup, batch) = try pairs.load(configuration, threads: threads, communicator)
  try setup.initializeWeights()
  let step = TrainingStep(setup: setup)
  let guarded = GuardedStep(optimize: step, settings: configuration.stepGuard)
  var state = StepGuard()
  var watch = RankWatch()
  func timed(_ work: () throws -> Void) throws -> Double {
    try communicator.barrier("start of a measurement")
    let start = monotonicSeconds()
    try work()
    return monotonicSeconds() - start
  }
  var times: [[Double]] = [[], [], [], []]
  for index in 0..<repetitions + 2 {
    let round = [
      try timed { _ = try step(batch, rate: 1e-5, step: 2 * index) },
      try timed { _ = try guarded({ batch }, rate: 1e-5, step: 2 * index + 1, &state) },
      try timed {
        _ = try WeightCheck(setup: setup)()
        _ = try watch.report(communicator)
      },
      try timed { _ = setup.arena.firstNotFinite() },
    ]
    guard index >= 2 else { continue }
    for (kind, seconds) in round.enumerated() { times[kind].append(seconds) }
  }
  return SafeguardMeasurement(plain: times[0], guarded: times[1], comparisons: times[2], finite: times[3])
}
