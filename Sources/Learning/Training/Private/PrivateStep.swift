internal import Collectives
internal import Configuration
internal import Layers
internal import Objectives
internal import Optimizers
internal import Privacy
internal import TensorEngine

/// One update of the weights by what units say, each clipped, with noise (Abadi et al., 2016, algorithm 1).
///
/// Of the sum each rank holds one part, exactly, and adds noise to it that follows from secret, step and place: the weights have the same
/// bytes on any number of ranks. It is divided by the units that are drawn in the mean, never by those that were.
final class PrivateStep {
  /// A unit's sample, and its place in the split.
  typealias Unit = (batch: StepBatch, sample: Int)

  private let setup: ModelSetup
  private let run: PrivateRun
  private let clipped: ClippedGradients
  /// What the losses reach, by the arena's parameters. What they never reach gets no noise, as nothing is said of it.
  private let reached: Set<Int>
  private let update: TrainingStep
  /// This rank's part of the sum.
  private var own: UnsafeMutableBufferPointer<Double>

  /// - Parameter reached: the parameters that a loss can reach, by the arena's; the same on all ranks.
  init(_ setup: ModelSetup, _ run: PrivateRun, reached: Set<Int>) {
    (self.setup, self.run, self.reached, update) = (setup, run, reached, TrainingStep(setup: setup))
    // Units of all ranks in a step are never more than there are.
    clipped = ClippedGradients(
      setup.arena, setup.engine, limit: run.terms.clip, most: run.terms.plan.units, reached: reached)
    own = .allocate(capacity: setup.gradients.ownPart.count)
    own.initialize(repeating: 0)
  }

  deinit { own.deallocate() }

  /// - Parameters:
  ///   - count: units of this rank.
  ///   - piece: units whose large gradients are computed together.
  ///   - step: counted from 0.
  ///   - unit: makes the next one, in their order.
  /// - Returns: the norm of the gradient with its noise, which anybody may know.
  func callAsFunction(
    _ count: Int, piece: Int, rate: Float, step: Int, _ unit: () throws -> Unit
  ) throws -> Double {
    try sum(count, piece: piece, unit)
    try sumOverRanks()
    // From here on the result is used: what it gives away is counted before.
    try run.record(step: step + 1, sum: check())
    addNoise(PrivacyNoise(run.secret, step: step))
    divide(by: Double(run.terms.plan.batch))
    let norm = try update.gradientNorm()
    try update.update(rate: rate, norm: norm)
    return norm
  }

  private func sum(_ count: Int, piece: Int, _ unit: () throws -> Unit) throws {
    clipped.reset()
    for number in 0..<count {
      let unit = try unit()
      _ = try clipped.take { try setup.computeGradients(of: unit) }
      if (number + 1).isMultiple(of: piece) { clipped.gather() }
    }
    clipped.gather()
  }

  private func sumOverRanks() throws {
    let part = setup.gradients.ownPart
    guard setup.communicator.size > 1 else {
      _ = own.update(from: clipped.sum)
      return
    }
    own.update(repeating: 0)
    for half in ClippedGradients.Part.allCases {
      clipped.write(half)
      try setup.gradients.sumOwnPart("gradients of units")
      let (own, gradients) = (own, setup.arena.gradients)
      setup.engine.overColumns(part.count, rows: 4) { places in
        for place in places { own[place] += Double(gradients[part.lowerBound + place]) }
      }
    }
  }

  /// A number that follows from the whole sum: another one for other bits, but for one time in 2⁴⁸. Collective.
  private func check() throws -> UInt64 {
    let (own, first, mask) = (own, setup.gradients.ownPart.lowerBound, UInt64(1) << 48 - 1)
    var sum: Int64 = 0
    // Every node holds the same sums, so one of them speaks for all.
    if setup.communicator.place.node == 0 {
      for (place, value) in own.enumerated() {
        var bits = value.bitPattern ^ (UInt64(first + place) &* 0x9E37_79B9_7F4A_7C15)
        bits = (bits ^ (bits >> 29)) &* 0xBF58_476D_1CE4_E5B9
        sum = Int64((UInt64(sum) &+ (bits ^ (bits >> 32))) & mask)
      }
    }
    try withUnsafeMutablePointer(to: &sum) {
      try setup.communicator.allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), .sum, "check of a sum")
    }
    return UInt64(sum) & mask
  }

  /// To this rank's part of the arena's gradients.
  private func divide(by units: Double) {
    let (own, gradients, first) = (own, setup.arena.gradients, setup.gradients.ownPart.lowerBound)
    setup.engine.overColumns(own.count, rows: 4) { places in
      for place in places { gradients[first + place] = Float(own[place] / units) }
    }
  }

  /// To what is learnt of this rank's part.
  private func addNoise(_ noise: PrivacyNoise) {
    let part = setup.gradients.ownPart
    let deviation = run.noise * run.terms.clip
    for parameter in setup.arena.parameters.enumerated().filter({ reached.contains($0.offset) }).map(\.element) {
      let start = parameter.slices[0].offset
      let range = (start..<start + parameter.count).clamped(to: part)
      let (own, grid) = (own, clipped.grid)
      setup.engine.overColumns(range.count, rows: 4) { places in
        let first = range.lowerBound + places.lowerBound
        let numbers = own[(first - part.lowerBound)..<(first - part.lowerBound + places.count)]
        noise.add(to: UnsafeMutableBufferPointer(rebasing: numbers), deviation: deviation, first: first, grid: grid)
      }
    }
  }
}

extension ModelSetup {
  /// Forward and backward of a unit.
  fileprivate func computeGradients(of unit: PrivateStep.Unit) throws {
    // Masks are named by the sample: a unit that is not there changes no other one's.
    let masks = DropoutMasks(seed: configuration.seed, step: unit.batch.step, firstSample: unit.sample)
    _ = try objective.computeGradients(of: unit.batch, Tape(engine, dropout: masks))
  }

  /// The parameters that the loss of a unit reaches, by the arena's: what follows from the model, the losses, and what a unit has.
  func reached(by unit: PrivateStep.Unit) throws -> Set<Int> {
    arena.markGradientsStale()
    try computeGradients(of: unit)
    return Set(
      arena.parameters.indices.filter {
        let tensor = arena.parameters[$0].tensor
        return tensor.requiresGradient && !tensor.gradientIsStale
      })
  }
}
