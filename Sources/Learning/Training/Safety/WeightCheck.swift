internal import Collectives
internal import Files
internal import Layers
internal import Safeguards
internal import TensorEngine

/// Compares the weights of all ranks, which must be the same bits: a flipped bit in the memory of one of them would
/// otherwise live on in a checkpoint ("The Llama 3 Herd of Models", 2024, section 3.3.4, counts six such faults in 54 days).
struct WeightCheck {
  let setup: ModelSetup

  /// An array of one rank that was not what the others have, and now is.
  struct Healed {
    let name: String
    let ranks: [Int]
    /// From whom the right values came.
    let source: Int

    var sentence: String {
      "the weights \(name) of rank \(ranks.map(String.init).joined(separator: ", ")) were not those of the other ranks, as "
        + "after a flipped bit in memory; they were taken from rank \(source). Look at the memory of that machine"
    }
  }

  /// Collective.
  /// - Returns: what most ranks could put right.
  /// - Throws: `TrainingError.ranksDisagree` with the array's name where there is no majority.
  func callAsFunction() throws -> [Healed] {
    let sums = checksums()
    let whole = try gatherOverRanks(
      [sums.withUnsafeBytes { checksum($0) }], setup.communicator, "comparison of the weights")
    guard Agreement(whole) != .all else { return [] }
    let all = try gatherOverRanks(sums, setup.communicator, "checksums of all weights")
    var healed: [Healed] = []
    for (index, slice) in setup.arena.slices.enumerated() {
      switch Agreement(whole.indices.map { all[$0 * sums.count + index] }) {
      case .all: break
      case .most(let healthy, let others):
        try setup.communicator.broadcast(
          UnsafeMutableRawBufferPointer(setup.arena.weights(of: slice)), root: healthy, "weights from a healthy rank")
        setup.arena.roundWeights(of: slice, setup.engine)
        healed.append(Healed(name: slice.name, ranks: others, source: healthy))
      case .none(let others):
        throw TrainingError.ranksDisagree(
          what: "the array \(slice.name) of the weights", ranks: others,
          advice:
            "a bit may have flipped in the memory of one of these machines, and there are too few ranks to say which; "
            + "run the same command again: it goes on from the newest checkpoint")
      }
    }
    return healed
  }

  /// Of each named array, in the order of construction.
  private func checksums() -> [UInt64] {
    let slices = setup.arena.slices
    var sums = [UInt64](repeating: 0, count: slices.count)
    sums.withUnsafeMutableBufferPointer { sums in
      setup.engine.threads.run(slices.count) { _, index in
        sums[index] = checksum(UnsafeRawBufferPointer(setup.arena.weights(of: slices[index])))
      }
    }
    return sums
  }
}

extension ParameterArena {
  /// The first array that holds something else than finite numbers.
  func firstNotFinite() -> String? {
    slices.first { slice in
      // NaN and infinity survive multiplication by zero, and any sum with them.
      weights(of: slice).reduce(Float(0)) { $0 + $1 * 0 } != 0
    }?.name
  }
}
