/// A seeded stream of random numbers that depends on nothing but its name.
///
/// The name is the seed and a path of integers (purpose, epoch, sample, …), so that any rank or worker can make the
/// numbers of any sample without having made those before it: the order of the work never changes a result.
/// The generator is Philox-4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
public struct RandomStream: RandomNumberGenerator, Sendable {
  private let key: (UInt32, UInt32)
  private let domain: UInt64
  private var counter: UInt64 = 0
  private var block: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
  private var position = 4
  private var spareNormal: Float?

  /// - Parameter path: what of the purpose the numbers are for, outermost first.
  public init(seed: UInt64, _ purpose: RandomPurpose, _ path: UInt64...) {
    self.init(seed: seed, path: [purpose.rawValue] + path)
  }

  /// - Parameter path: what the numbers are for, outermost first.
  public init(seed: UInt64, _ path: UInt64...) {
    self.init(seed: seed, path: path)
  }

  public init(seed: UInt64, path: [UInt64]) {
    var mixed = finalize(seed &+ 0x9E37_79B9_7F4A_7C15)
    key = (UInt32(truncatingIfNeeded: mixed), UInt32(truncatingIfNeeded: mixed >> 32))
    for part in path { mixed = finalize(mixed ^ finalize(part &+ 0x9E37_79B9_7F4A_7C15)) }
    domain = mixed
  }

  public mutating func next() -> UInt64 {
    UInt64(nextWord()) << 32 | UInt64(nextWord())
  }

  /// 32 random bits.
  public mutating func nextWord() -> UInt32 {
    if position == 4 {
      block = philox(counter: counter, domain: domain, key: key)
      counter &+= 1
      position = 0
    }
    defer { position += 1 }
    switch position {
    case 0: return block.0
    case 1: return block.1
    case 2: return block.2
    default: return block.3
    }
  }

  /// Uniform in [0, 1), 24 bits.
  public mutating func uniform() -> Float {
    Float(nextWord() >> 8) * 0x1p-24
  }

  public mutating func uniform(in range: ClosedRange<Float>) -> Float {
    range.lowerBound + uniform() * (range.upperBound - range.lowerBound)
  }

  /// Uniform in 0 ..< bound, without bias (Lemire, 2019).
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0 && bound <= UInt32.max, "bound \(bound) is out of range")
    let range = UInt32(bound)
    var product = UInt64(nextWord()) * UInt64(range)
    if UInt32(truncatingIfNeeded: product) < range {
      let threshold = (0 &- range) % range
      while UInt32(truncatingIfNeeded: product) < threshold { product = UInt64(nextWord()) * UInt64(range) }
    }
    return Int(product >> 32)
  }

  /// Standard normal (Marsaglia's polar method: no trigonometry, so the same bits on every machine).
  public mutating func normal() -> Float {
    if let spare = spareNormal {
      spareNormal = nil
      return spare
    }
    while true {
      let u = 2 * Double(uniform()) - 1
      let v = 2 * Double(uniform()) - 1
      let square = u * u + v * v
      guard square > 0, square < 1 else { continue }
      let factor = (-2 * logarithm(square) / square).squareRoot()
      spareNormal = Float(v * factor)
      return Float(u * factor)
    }
  }

  /// Beta(n, n) for a whole n: the first of two sums of n exponentials each, as a share of both.
  public mutating func beta(_ shape: Int) -> Double {
    precondition(shape > 0, "a shape of \(shape)")
    let (first, second) = (gamma(shape), gamma(shape))
    return first / (first + second)
  }

  /// Gamma(n) for a whole n.
  private mutating func gamma(_ shape: Int) -> Double {
    // Between the numbers that `uniform` makes, so that none is 0.
    (0..<shape).reduce(0) { sum, _ in sum - logarithm(Double(uniform()) + 0x1p-25) }
  }

  /// Fisher–Yates.
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    guard elements.count > 1 else { return }
    for i in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(i, integer(below: i + 1))
    }
  }
}

/// SplitMix64's finalizer.
private func finalize(_ value: UInt64) -> UInt64 {
  var z = value
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}

/// Ten rounds of Philox-4x32 on the counter words (counter low, counter high, domain low, domain high).
package func philox(
  counter: UInt64, domain: UInt64, key: (UInt32, UInt32)
) -> (UInt32, UInt32, UInt32, UInt32) {
  var c0 = UInt32(truncatingIfNeeded: counter)
  var c1 = UInt32(truncatingIfNeeded: counter >> 32)
  var c2 = UInt32(truncatingIfNeeded: domain)
  var c3 = UInt32(truncatingIfNeeded: domain >> 32)
  var (k0, k1) = key
  for _ in 0..<10 {
    let p0 = UInt64(0xD251_1F53) * UInt64(c0)
    let p1 = UInt64(0xCD9E_8D57) * UInt64(c2)
    (c0, c1, c2, c3) = (
      UInt32(truncatingIfNeeded: p1 >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: p1),
      UInt32(truncatingIfNeeded: p0 >> 32) ^ c3 ^ k1, UInt32(truncatingIfNeeded: p0)
    )
    k0 &+= 0x9E37_79B9
    k1 &+= 0xBB67_AE85
  }
  return (c0, c1, c2, c3)
}
