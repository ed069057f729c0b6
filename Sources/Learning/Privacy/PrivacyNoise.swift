internal import Files
internal import Foundation

/// Gaussian numbers, one for each place of a model's weights and each step, that follow from a secret: the same bits however ranks divide the
/// places among them.
///
/// Each is half the sum of four independent ones: of a single one the floating-point grid tells which sums it may have been added to
/// (Mironov, CCS 2012; Holohan and Braghin, "Secure Random Sampling in Differential Privacy", 2021).
public struct PrivacyNoise: Sendable {
  private let key: SecretKey

  public init(_ secret: PrivacySecret, step: Int) { key = secret.key(.noise, step: step) }

  /// Adds noise to some places.
  /// - Parameters:
  ///   - deviation: σC.
  ///   - first: the place of the first of the numbers.
  public func add(to numbers: UnsafeMutableBufferPointer<Double>, deviation: Double, first: Int) {
    let most = 4096
    var bits = [UInt64](repeating: 0, count: 8 * min(most, numbers.count))
    for start in stride(from: 0, to: numbers.count, by: most) {
      let count = min(most, numbers.count - start)
      bits.withUnsafeMutableBytes { bytes in
        // 64 bytes a place: a block of the key stream.
        key.fill(UnsafeMutableRawBufferPointer(rebasing: bytes[..<(64 * count)]), block: first + start)
      }
      for place in 0..<count { numbers[start + place] += deviation * normal(bits[(8 * place)..<(8 * place + 8)]) }
    }
  }

  /// Of eight numbers of 64 bits: four pairs, each a normal one (Box and Muller, 1958).
  private func normal(_ bits: ArraySlice<UInt64>) -> Double {
    var (sum, place) = (0.0, bits.startIndex)
    while place < bits.endIndex {
      // Above 0, and up to 1.
      let radius = (-2 * log(Double((bits[place] >> 11) + 1) * 0x1p-53)).squareRoot()
      sum += radius * cos(2 * Double.pi * Double(bits[place + 1] >> 11) * 0x1p-53)
      place += 2
    }
    return sum / 2
  }
}
