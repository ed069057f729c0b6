internal import Collectives
internal import Layers
internal import Optimizers

/// The optimizer's moments as a whole, of which each rank of a node keeps one part, and the average of the weights, which is
/// divided likewise. Between steps the memory of the gradients is free: it is where the parts meet.
struct OptimizerMoments {
  let setup: ModelSetup

  /// Named arrays as a checkpoint holds them.
  typealias Entry = (name: String, shape: [Int], values: UnsafeMutableBufferPointer<Float>)

  /// What rank 0 sees of all parts.
  struct Whole {
    var moments: [Entry] = []
    /// Of what is trained, by the weights' names; nil where no average is kept, or none has begun.
    var average: [Entry]?
  }

  /// Calls `body` on every rank: on rank 0 with all of it, on the others with nothing. Collective.
  func gathered<Result>(_ body: (Whole) throws -> Result) throws -> Result {
    var parts = setup.optimizer.moments
    let average = setup.average.flatMap { $0.hasBegun ? $0.values : nil }
    if let average { parts.append(average) }
    guard setup.communicator.size > 1 else { return try body(whole(parts)) }
    // All but the last are put aside.
    let copies = parts.dropLast().map { _ in
      UnsafeMutableBufferPointer<Float>.allocate(capacity: setup.communicator.rank == 0 ? setup.arena.count : 0)
    }
    defer { for copy in copies { copy.deallocate() } }
    for (index, part) in parts.enumerated() {
      try gather(part)
      guard index < copies.count else { break }
      _ = copies[index].update(from: setup.arena.gradients.prefix(copies[index].count))
    }
    return try body(setup.communicator.rank == 0 ? whole(copies + [setup.arena.gradients]) : Whole())
  }

  private func whole(_ arrays: [UnsafeMutableBufferPointer<Float>]) -> Whole {
    let moments = zip(AdamW.momentPrefixes, arrays).flatMap { entries($1, prefix: $0) }
    return Whole(
      moments: moments, average: arrays.dropFirst(AdamW.momentPrefixes.count).first.map { entries($0, prefix: "") })
  }

  private func gather(_ part: UnsafeMutableBufferPointer<Float>) throws {
    _ = UnsafeMutableBufferPointer(rebasing: setup.arena.gradients[setup.optimizer.part]).update(from: part)
    try setup.gradients.shareOwnParts("moments")
  }

  /// Fills the moments of every rank with what rank 0 reads; collective.
  /// - Parameter read: called on rank 0 for the first and then for the second moments.
  func restore(_ read: ([Entry]) throws -> Void) throws {
    for (part, prefix) in zip(setup.optimizer.moments, AdamW.momentPrefixes) {
      try restore(part, "moments") { try read(entries(setup.arena.gradients, prefix: prefix)) }
    }
  }

  /// The same for the average, where one is kept; one that was not saved begins with the next update. Collective.
  /// - Parameter read: called on rank 0; false where there is none.
  func restoreAverage(_ read: ([Entry]) throws -> Bool) throws {
    guard let average = setup.average else { return }
    var isThere = false
    try restore(average.values, "average of the weights") {
      isThere = try read(entries(setup.arena.gradients, prefix: ""))
    }
    average.hasBegun = try setup.communicator.any(isThere, "average of the weights")
  }

  private func restore(
    _ part: UnsafeMutableBufferPointer<Float>, _ what: String, _ read: () throws -> Void
  ) throws {
    _ = try onRoot("reading the \(what)", setup.communicator, read)
    try setup.communicator.broadcast(UnsafeMutableRawBufferPointer(setup.arena.gradients), root: 0, what)
    _ = part.update(from: setup.arena.gradients[setup.optimizer.part])
  }

  /// Names and shapes of both moments of every parameter that is trained.
  var manifest: [(String, [Int])] {
    AdamW.momentPrefixes.flatMap { prefix in setup.arena.trainedSlices.map { (prefix + $0.name, $0.shape) } }
  }

  private func entries(_ values: UnsafeMutableBufferPointer<Float>, prefix: String) -> [Entry] {
    setup.arena.trainedSlices.map { slice in
      (
        prefix + slice.name, slice.shape,
        UnsafeMutableBufferPointer(rebasing: values[slice.offset..<slice.offset + slice.count])
      )
    }
  }
}
