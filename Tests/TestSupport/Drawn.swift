public import Layers

// Weights and inputs that are a formula of a name, as Tests/Golden/convolutional.py has them: nothing of them is kept.

/// Numbers from -1 to 1: SplitMix64 (Steele et al., 2014) from the name's CRC-32.
public func drawn(_ name: String, count: Int) -> [Float] {
  let start = UInt64(crc32(name.utf8)) << 32
  return (1...count).map { place in
    var z = start &+ UInt64(place) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return Float(z >> 40) / 8_388_608 - 1
  }
}

/// The same in the size that weights, scales and statistics of a name usually have.
public func drawnWeights(_ name: String, shape: [Int]) -> [Float] {
  let numbers = drawn(name, count: shape.reduce(1, *))
  guard shape.count == 1 else {
    let size = Float((6 / Double(shape.dropFirst().reduce(1, *))).squareRoot())
    return numbers.map { $0 * size }
  }
  let isPositive = name.hasSuffix("running_var") || name.hasSuffix("weight")
  return numbers.map { isPositive ? 1 + $0 * 0.5 : $0 * 0.25 }
}

extension ParameterArena {
  /// Gives every array its drawn weights.
  public func draw() {
    for slice in slices { _ = weights(of: slice).update(from: drawnWeights(slice.name, shape: slice.shape)) }
  }
}

/// As in zip files and Python's `zlib`.
private func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
  ~bytes.reduce(~UInt32(0)) { sum, byte in
    (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
}
