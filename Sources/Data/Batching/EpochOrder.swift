internal import Randomness

/// The sample at each place of an epoch, without making those before it.
protocol SampleOrder: Sendable {
  subscript(position: Int) -> Int { get }
}

/// The order of the samples in one epoch: a permutation of 0 ..< count that depends on seed and epoch only.
///
/// Shuffling is a keyed permutation (a balanced Feistel network over the next power of four, walked until it lands below
/// `count`; Black and Rogaway, "Ciphers with arbitrary finite domains", 2002) and not a shuffled array: any place of any
/// epoch is found without making the others, so resuming costs nothing and no rank holds a list of all samples.
public struct EpochOrder: SampleOrder {
  public let count: Int
  private let halfBits: UInt64
  private let keys: [UInt64]

  /// - Parameter shuffle: false is the order of the index, that of file names.
  public init(count: Int, seed: UInt64, epoch: Int, shuffle: Bool) {
    precondition(count >= 0 && epoch >= 0, "an order of \(count) samples in epoch \(epoch)")
    self.init(count: count, shuffle ? RandomStream(seed: seed, .epochOrder, UInt64(epoch)) : nil)
  }

  /// - Parameter random: decides the order; nil leaves things as they are.
  init(count: Int, _ random: RandomStream?) {
    self.count = count
    let bits = Int.bitWidth - max(count - 1, 0).leadingZeroBitCount
    halfBits = UInt64(max((bits + 1) / 2, 3))  // small domains would be permuted less evenly
    var random = random
    keys = random == nil ? [] : (0..<8).compactMap { _ in random?.next() }
  }

  /// The sample at a place of the epoch.
  public subscript(position: Int) -> Int {
    precondition(position >= 0 && position < count, "place \(position) of an epoch of \(count) samples")
    guard !keys.isEmpty else { return position }
    var value = UInt64(position)
    repeat { value = permute(value) } while value >= UInt64(count)  // about 1.3 to 4 turns; the walk is a cycle
    return Int(value)
  }

  private func permute(_ value: UInt64) -> UInt64 {
    let mask = (1 << halfBits) - 1 as UInt64
    var left = value >> halfBits
    var right = value & mask
    for key in keys { (left, right) = (right, left ^ (mix(right ^ key) & mask)) }
    return left << halfBits | right
  }
}

/// Spreads every bit of `value` over the result (the finalizer of MurmurHash3).
func mix(_ value: UInt64) -> UInt64 {
  var z = value
  z = (z ^ (z >> 33)) &* 0xFF51_AFD7_ED55_8CCD
  z = (z ^ (z >> 33)) &* 0xC4CE_B9FE_1A85_EC53
  return z ^ (z >> 33)
}
