internal import Collectives
internal import Layers
internal import Models
internal import Objectives
internal import Optimizers
internal import Reporting
internal import TensorEngine

/// One update of the weights: forward, backward, sum over ranks, clip, AdamW. The loop and the benchmark share it.
///
/// The ranks of a node divide the sum, the norm and the update among them, each doing one part of the arena for all; then
/// each part's new weights go to the others (ZeRO stage 1: Rajbhandari et al., 2020).
struct TrainingStep {
  let setup: ModelSetup

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

  /// - Parameter step: counted from 0; names random choices and the diverged step in errors.
  func callAsFunction(_ batch: PairBatch, rate: Float, step: Int) throws -> Result {
    let start = monotonicSeconds()
    let losses = try computeGradients(batch)
    let computed = monotonicSeconds()
    let total = try sumOverRanks(losses)
    try sumGradients()
    let summed = monotonicSeconds()
    let norm = try gradientNorm()
    guard total.loss.isFinite, norm.isFinite else {
      throw TrainingError.diverged(step: step + 1, loss: total.loss, gradientNorm: norm)
    }
    try update(rate: rate, norm: norm)
    let seconds = Seconds(
      gradients: computed - start, sums: summed - computed, update: monotonicSeconds() - summed)
    return Result(loss: total.loss, parts: total.parts, gradientNorm: norm, seconds: seconds)
  }

  /// Forward and backward; the gradients of this rank's share of the loss are then in the arena.
  private func computeGradients(_ batch: PairBatch) throws -> ObjectiveLosses {
    let tape = Tape(
      setup.engine, recomputesBlocks: setup.configuration.memory.recompute == .blocks,
      batchStatistics: setup.configuration.model.batchNorm == .synchronised ? .synchronised(setup.communicator) : nil)
    setup.arena.markGradientsStale()
    setup.backgroundSum?.begin()
    let losses = try setup.objective.computeGradients(
      of: batch, micro: setup.configuration.batch.micro, tape, afterEach: releasingFinalGradients())
    setup.arena.clearUnreachedGradients()
    return losses
  }

  /// What is final can be summed while the backward pass goes on: what no operation holds any more. Blocks that run again
  /// and parts of a batch hold their weights only while they run; then all is summed at the end.
  private func releasingFinalGradients() -> () -> Void {
    let holdsWeights = setup.configuration.memory.recompute == .none && setup.configuration.batch.micro == nil
    guard let sum = setup.backgroundSum, holdsWeights else { return {} }
    var pending = Array(setup.arena.parameters.indices)
    return { setup.arena.takeFinal(&pending) { sum.release($0) } }
  }

  private func sumGradients() throws {
    if let sum = setup.backgroundSum { try sum.finish() } else { try setup.gradients.sumOwnPart("gradients") }
  }

  /// The losses of the global batch.
  private func sumOverRanks(
    _ losses: ObjectiveLosses
  ) throws -> (loss: Double, parts: [(name: String, value: Float)]) {
    let parts = [
      ("contrastive", losses.contrastive), ("sigmoid", losses.sigmoid), ("matching", losses.matching),
    ].compactMap { name, value in value.map { (name: name, value: $0) } }
    var sums = [Double(losses.total.value)] + parts.map { Double($0.value) }
    try sums.withUnsafeMutableBufferPointer { try setup.communicator.allReduce($0, .sum, "losses") }
    return (sums[0], zip(parts, sums.dropFirst()).map { ($0.name, Float($1)) })
  }

  /// Of the whole gradient. Every node holds the same sums, so one of them speaks for all.
  private func gradientNorm() throws -> Double {
    var squares = setup.arena.squaredGradients(in: setup.gradients.ownPart, setup.engine)
    if setup.communicator.place.node != 0 { squares = 0 }
    try withUnsafeMutablePointer(to: &squares) {
      try setup.communicator.allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), .sum, "gradient norm")
    }
    return squares.squareRoot()
  }

  private func update(rate: Float, norm: Double) throws {
    let limit = setup.configuration.optimizer.gradientClip
    setup.optimizer.step(
      learningRate: rate, gradientScale: clippingFactor(norm: norm, limit: limit > 0 ? Float(limit) : nil))
    try setup.weights.shareOwnParts("weights")
    // The optimizer rounded what it updated; what other ranks updated has just arrived.
    let own = setup.optimizer.part
    setup.arena.roundWeights(in: 0..<own.lowerBound, setup.engine)
    setup.arena.roundWeights(in: own.upperBound..<setup.arena.count, setup.engine)
    setup.model.towers.logitScale.tensor.withMutableValues {
      $0[0] = min(max($0[0], logitScaleRange.lowerBound), logitScaleRange.upperBound)
    }
  }
}
