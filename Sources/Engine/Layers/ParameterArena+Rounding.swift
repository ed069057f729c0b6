public import TensorEngine

extension ParameterArena {
  /// Keeps a copy of the weights as products in bfloat16 read them, so that no step rounds them anew. Whoever changes
  /// weights brings it up to date: `AdamW` does in its own pass, all others call `roundWeights`.
  public func keepRounded(_ engine: Engine) {
    let storage = (learnt: Storage(zeroed: count * 2), locked: Storage(zeroed: lockedCount * 2))
    roundedStorage = storage
    for parameter in parameters {
      let slice = parameter.slices[0]
      parameter.tensor.rounded = Tensor(
        shape: parameter.shape, elementType: .bfloat16, storage: slice.isLocked ? storage.locked : storage.learnt,
        byteOffset: slice.offset * 2, requiresGradient: false)
    }
    roundWeights(engine)
  }

  /// Brings all of the rounded copy up to date; does nothing where there is none.
  public func roundWeights(_ engine: Engine) {
    roundWeights(in: 0..<count, engine)
    guard let storage = roundedStorage?.locked, let weights = lockedWeights.baseAddress else { return }
    engine.round(weights, into: storage.pointer.assumingMemoryBound(to: UInt16.self), count: lockedCount)
  }

  /// The same for one named array.
  public func roundWeights(of slice: ParameterSlice, _ engine: Engine) {
    guard !slice.isLocked else { return roundWeights(engine) }
    roundWeights(in: slice.offset..<slice.offset + slice.count, engine)
  }

  /// The same for some of what is learnt.
  /// - Parameter range: which weights have changed, in floats of the arena.
  public func roundWeights(in range: Range<Int>, _ engine: Engine) {
    guard let rounded = roundedWeights, let weights = weights.baseAddress else { return }
    engine.round(weights + range.lowerBound, into: rounded + range.lowerBound, count: range.count)
  }

  /// The bits of the rounded copy of what is learnt, where one is kept.
  package var roundedWeights: UnsafeMutablePointer<UInt16>? {
    roundedStorage?.learnt.pointer.assumingMemoryBound(to: UInt16.self)
  }
}
