internal import Collectives
internal import Layers
internal import Optimizers

/// The optimizer's moments as a whole, of which each rank of a node keeps one part. Between steps the memory of the
/// gradients is free: it is where the parts meet.
struct OptimizerMoments {
  let setup: ModelSetup

  /// Named arrays as a checkpoint holds them.
  typealias Entry = (name: String, shape: [Int], values: UnsafeMutableBufferPointer<Float>)

  /// Calls `body` on every rank: on rank 0 with all moments, on the others with none. Collective.
  func gathered<Result>(_ body: ([Entry]) throws -> Result) throws -> Result {
    let parts = setup.optimizer.moments
    guard setup.communicator.size > 1 else { return try body(entries([parts[0], parts[1]])) }
    let first = UnsafeMutableBufferPointer<Float>.allocate(
      capacity: setup.communicator.rank == 0 ? setup.arena.count : 0)
    defer { first.deallocate() }
    try gather(parts[0])
    _ = first.update(from: setup.arena.gradients.prefix(first.count))
    try gather(parts[1])
    return try body(setup.communicator.rank == 0 ? entries([first, setup.arena.gradients]) : [])
  }

  private func gather(_ part: UnsafeMutableBufferPointer<Float>) throws {
    _ = UnsafeMutableBufferPointer(rebasing: setup.arena.gradients[setup.optimizer.part]).update(from: part)
    try setup.gradients.shareOwnParts("moments")
  }

  /// Fills the moments of every rank with what rank 0 reads; collective.
  /// - Parameter read: called on rank 0 for the first and then for the second moments.
  func restore(_ read: ([Entry]) throws -> Void) throws {
    for (index, part) in setup.optimizer.moments.enumerated() {
      _ = try onRoot("reading moments", setup.communicator) {
        try read(entries(setup.arena.gradients, prefix: AdamW.momentPrefixes[index]))
      }
      try setup.communicator.broadcast(UnsafeMutableRawBufferPointer(setup.arena.gradients), root: 0, "moments")
      _ = part.update(from: setup.arena.gradients[setup.optimizer.part])
    }
  }

  /// Names and shapes of both moments of every parameter that is trained.
  var manifest: [(String, [Int])] {
    AdamW.momentPrefixes.flatMap { prefix in setup.arena.trainedSlices.map { (prefix + $0.name, $0.shape) } }
  }

  private func entries(_ moments: [UnsafeMutableBufferPointer<Float>]) -> [Entry] {
    zip(AdamW.momentPrefixes, moments).flatMap { entries($1, prefix: $0) }
  }

  private func entries(_ moments: UnsafeMutableBufferPointer<Float>, prefix: String) -> [Entry] {
    setup.arena.trainedSlices.map { slice in
      (
        prefix + slice.name, slice.shape,
        UnsafeMutableBufferPointer(rebasing: moments[slice.offset..<slice.offset + slice.count])
      )
    }
  }
}
