public import Collectives
public import TensorEngine

extension Tape {
  /// The rows of all ranks in rank order, with the gradient: each rank's loss may depend on every row, and the backward
  /// pass brings each row the sum of what the ranks found (a reduce-scatter).
  ///
  /// One mode only, and exact: together with losses that are shares of the global mean, summing gradients over ranks
  /// gives the gradient of one rank with the whole batch.
  /// - Parameter counts: rows on each rank.
  public func gatherRanks(
    _ local: Tensor, counts: [Int], _ communicator: any Communicator, _ label: String
  ) throws -> Tensor {
    guard communicator.size > 1 else { return local }
    let local = float32(local)
    precondition(counts[communicator.rank] == local.rows, "gatherRanks: \(local.shape) on a rank of \(counts) rows")
    let all = engine.tensor([counts.reduce(0, +), local.columns], requiresGradient: tracks(local))
    try communicator.allGather(
      UnsafeRawBufferPointer(start: local.floats, count: local.count * 4),
      into: UnsafeMutableRawBufferPointer(start: all.floats, count: all.count * 4),
      counts: counts.map { $0 * local.columns * 4 }, label)
    if tracks(local) {
      record(
        RankGatherOperation(local: local, all: all, counts: counts, communicator: communicator, label: label))
    }
    return all
  }
}

private struct RankGatherOperation: DifferentiableOperation {
  let local: Tensor, all: Tensor
  let counts: [Int]
  let communicator: any Communicator
  let label: String

  func backward(_ engine: Engine) throws {
    // Where this rank's loss used no row, it still takes part, with zeros: the others wait for it.
    let dall = all.gradient ?? engine.zeros(all.shape)
    let dlocal = engine.tensor(local.shape)
    try communicator.reduceScatter(
      UnsafeBufferPointer(start: dall.floats, count: dall.count),
      into: UnsafeMutableBufferPointer(start: dlocal.floats, count: dlocal.count),
      counts: counts.map { $0 * local.columns }, "gradient of " + label)
    engine.addGradient(dlocal, to: local)
  }
}
