/// SplitMix64 of a stream's name and a place: random bits that Tests/Golden/verify.py computes as well.
func mixed(_ stream: String, _ index: Int) -> UInt64 { mixed(hash(stream), index) }

/// The numbers of a stream, between -scale and scale, in single precision without rounding.
/// - Parameter scale: a power of two.
func numbers(_ stream: String, count: Int, scale: Float) -> [Float] {
  let name = hash(stream)
  return (0..<count).map { Float(Int(mixed(name, $0) >> 40) - (1 << 23)) / 0x1p23 * scale }
}

/// Four sums of the values with signs of their own: a wrong value shows in each of them.
func signedSums(_ values: [Float]) -> [Double] {
  (0..<4).map { pattern in
    let name = hash("sign \(pattern)")
    return values.enumerated().reduce(0) { $0 + (mixed(name, $1.offset) & 1 == 1 ? 1 : -1) * Double($1.element) }
  }
}

/// 32-bit FNV-1a.
private func hash(_ text: String) -> UInt32 { text.utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 } }

private func mixed(_ name: UInt32, _ index: Int) -> UInt64 {
  var z = (UInt64(name) << 32 | UInt64(index)) &+ 0x9E37_79B9_7F4A_7C15
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}
