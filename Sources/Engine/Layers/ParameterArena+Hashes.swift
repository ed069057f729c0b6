public import TensorEngine

extension ParameterArena {
  /// A short hash of the numbers of each of these arrays: no two are equal by mistake, but somebody could make them so.
  /// - Parameter threads: share the arrays among them, where given.
  public func hashes(of slices: [ParameterSlice], threads: ThreadPool? = nil) -> [UInt64] {
    var hashes = [UInt64](repeating: 0, count: slices.count)
    hashes.withUnsafeMutableBufferPointer { buffer in
      let places = buffer  // no two threads write to one place
      if let threads {
        threads.run(slices.count) { _, index in places[index] = hash(weights(of: slices[index])) }
      } else {
        for index in slices.indices { places[index] = hash(weights(of: slices[index])) }
      }
    }
    return hashes
  }
}

/// Sixteen sums side by side, so that the compiler makes vector instructions of it, each weighed by its place; then one.
private func hash(_ values: UnsafeMutableBufferPointer<Float>) -> UInt64 {
  var lanes = SIMD16<UInt32>(repeating: 0x811C_9DC5)
  let whole = values.count & ~15
  for start in stride(from: 0, to: whole, by: 16) {
    var bits = SIMD16<UInt32>()
    for lane in 0..<16 { bits[lane] = values[start + lane].bitPattern }
    lanes = (lanes ^ bits) &* 0x0100_0193
  }
  for index in whole..<values.count {
    lanes[index & 15] = (lanes[index & 15] ^ values[index].bitPattern) &* 0x0100_0193
  }
  return (0..<16).reduce(UInt64(values.count)) { ($0 ^ UInt64(lanes[$1])) &* 0x100_0000_01B3 }
}
