internal import Collectives
internal import Configuration
internal import Layers
internal import Models
internal import Objectives
internal import Optimizers
internal import Reporting
internal import Safeguards
internal import TensorEngine

/// One update of the weights: forward, backward, sum over ranks, clip, AdamW, and the average where one is kept. The loop and the benchmark share it.
///
/// The ranks of a node divide the sum, the norm and the update among them, each doing one part of the arena for all; then
/// each part's new weights go to the others (ZeRO stage 1: Rajbhandari et al., 2020).
struct TrainingStep {
  let setup: ModelSetup
  /// Faults that are made to happen on the way, where somebody asked for them.
  var rehearsal: FaultRehearsal?

  /// What a step says of itself; the same on all ranks.
  struct Result {
    /// Of the global batch.
    let loss: Double
    let parts: [(name: String, value: Float)]
    /// Before clipping.
    let gradientNorm: Double
    let seconds: Seconds
  }

  /// Where this rank's time went.
  struct Seconds {
    /// Forward and backward, with the exchange of features.
    let gradients: Double
    /// Sums over ranks, of losses and gradients.
    let sums: Double
    /// The norm, AdamW, and the new weights from each rank to the others of its node.
    let update: Double
  }

  /// A step before its gradient is used: the weights are as they were.
  struct Measured {
    let loss: Double
    let parts: [(name: String, value: Float)]
    let gradientNorm: Double
    /// The loss in which spikes are looked for: without what swings around 0.
    let steadyLoss: Double
    /// This rank's share of the loss.
    let ownLoss: Double
    fileprivate let gradientSeconds: Double
    fileprivate let sumSeconds: Double
    fileprivate let normSeconds: Double

    func result(updateSeconds: Double) -> Result {
      Result(
        loss: loss, parts: parts, gradientNorm: gradientNorm,
        seconds: Seconds(gradients: gradientSeconds, sums: sumSeconds, update: normSeconds + updateSeconds))
    }
  }

  /// A whole step.
  /// - Parameter step: counted from 0; names random choices and the diverged step in errors.
  func callAsFunction(_ batch: StepBatch, rate: Float, step: Int) throws -> Result {
    let measured = try measure(batch, step: step)
    guard measured.loss.isFinite, measured.gradientNorm.isFinite else {
      throw TrainingError.diverged(step: step + 1, loss: measured.loss, gradientNorm: measured.gradientNorm)
    }
    return try apply(measured, rate: rate, step: step)
  }

  /// Forward, backward, sum and norm. May be repeated, with the same result, where `isRepeatable`.
  func measure(_ batch: StepBatch, step: Int) throws -> Measured {
    let start = monotonicSeconds()
    let losses = try computePasses(batch)
    var ownLoss = Double(losses.total.value)
    if let rehearsal { ownLoss = rehearsal.spoil(loss: ownLoss, setup.arena, step: step + 1) }
    let computed = monotonicSeconds()
    let total = try sumOverRanks(ownLoss, losses)
    try sumGradients()
    rehearsal?.spoilSum(setup.arena.gradients, setup.gradients.ownPart, step: step + 1)
    let summed = monotonicSeconds()
    try setup.overlap.record(summed - start)
    try setup.balance?.settle(step: batch.step)
    let norm = try gradientNorm()
    return Measured(
      loss: total.loss, parts: total.parts, gradientNorm: norm,
      steadyLoss: setup.objective.steadyLoss(total.loss, total.parts, step: batch.step), ownLoss: ownLoss,
      gradientSeconds: computed - start, sumSeconds: summed - computed, normSeconds: monotonicSeconds() - summed)
  }

  /// Clips and moves the weights; directly after `measure`.
  func apply(_ measured: Measured, rate: Float, step: Int) throws -> Result {
    let start = monotonicSeconds()
    try update(rate: rate, norm: measured.gradientNorm)
    rehearsal?.spoilWeights(setup.arena, step: step + 1)
    return measured.result(updateSeconds: monotonicSeconds() - start)
  }

  /// Whether `measure` leaves nothing behind: batch norm's running statistics move with every forward pass.
  var isRepeatable: Bool { setup.configuration.model.batchNorm == .frozen }

  /// One pass, or two where a balance of modalities compares their gradients: that of single modalities is summed and kept first.
  private func computePasses(_ batch: StepBatch) throws -> ObjectiveLosses {
    guard let balance = setup.balance, balance.hasOwnPass else { return try computeGradients(batch) }
    let apart = try computeGradients(batch, .apart)
    try sumGradients()
    balance.keepApart()
    return ObjectiveLosses(try computeGradients(batch, .joint), apart, setup.engine)
  }

  /// Forward and backward; the gradients of this rank's share of the loss are then in the arena.
  private func computeGradients(_ batch: StepBatch, _ pass: ObjectivePass = .all) throws -> ObjectiveLosses {
    let tape = Tape(
      setup.engine, recomputesBlocks: setup.configuration.memory.recompute == .blocks,
      dropout: DropoutMasks(seed: setup.configuration.seed, step: batch.step, firstSample: batch.layout.first),
      batchStatistics: setup.configuration.model.batchNorm == .synchronised ? .synchronised(setup.communicator) : nil)
    setup.arena.markGradientsStale()
    setup.overlap.sum?.begin()
    let losses = try setup.objective.computeGradients(
      of: batch, micro: setup.configuration.batch.micro, tape, pass: pass, afterEach: releasingFinalGradients())
    setup.arena.clearUnreachedGradients()
    return losses
  }

  /// What is final can be summed while the backward pass goes on: what no operation holds any more. Blocks that run again
  /// and parts of a batch hold their weights only while they run; then all is summed at the end.
  private func releasingFinalGradients() -> () -> Void {
    let holdsWeights = setup.configuration.memory.recompute == .none && setup.configuration.batch.micro == nil
    guard let sum = setup.overlap.sum, holdsWeights else { return {} }
    var pending = Array(setup.arena.parameters.indices)
    return { setup.arena.takeFinal(&pending) { sum.release($0) } }
  }

  private func sumGradients() throws {
    if let sum = setup.overlap.sum { try sum.finish() } else { try setup.gradients.sumOwnPart("gradients") }
  }

  /// The losses of the global batch.
  private func sumOverRanks(
    _ ownLoss: Double, _ losses: ObjectiveLosses
  ) throws -> (loss: Double, parts: [(name: String, value: Float)]) {
    let parts = losses.parts
    var sums = [ownLoss] + parts.map { Double($0.value) }
    try sums.withUnsafeMutableBufferPointer { try setup.communicator.allReduce($0, .sum, "losses") }
    return (sums[0], zip(parts, sums.dropFirst()).map { ($0.name, Float($1)) })
  }

  /// Of the whole gradient; collective. Every node holds the same sums, so one of them speaks for all.
  func gradientNorm() throws -> Double {
    let counted = setup.balance?.counted ?? [setup.gradients.ownPart]
    var squares = counted.reduce(0) { $0 + setup.arena.squaredGradients(in: $1, setup.engine) }
    if setup.communicator.place.node != 0 { squares = 0 }
    try withUnsafeMutablePointer(to: &squares) {
      try setup.communicator.allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), .sum, "gradient norm")
    }
    return squares.squareRoot()
  }

  /// Clips to `optimizer.gradient_clip` where there is one, moves this rank's part of the weights, and shares it. Collective.
  func update(rate: Float, norm: Double) throws {
    let limit = setup.configuration.optimizer.gradientClip
    setup.optimizer.step(
      learningRate: rate, gradientScale: clippingFactor(norm: norm, limit: limit > 0 ? Float(limit) : nil))
    try setup.weights.shareOwnParts("weights")
    // The optimizer rounded what it updated; what other ranks updated has just arrived.
    let own = setup.optimizer.part
    setup.arena.roundWeights(in: 0..<own.lowerBound, setup.engine)
    setup.arena.roundWeights(in: own.upperBound..<setup.arena.count, setup.engine)
    setup.objective.settle()
    setup.average?.update()
  }
}
