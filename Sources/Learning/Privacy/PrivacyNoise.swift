internal import CKernels
internal import Files

/// Gaussian numbers, one for each place of a model's weights and each step, that follow from a secret: the same bits however ranks divide the
/// places among them, and on any processor.
///
/// What they are added to lies on a grid, and so does the result. Adding to a number of a grid and rounding is rounding the noise and adding it:
/// the last bits of the result tell of the noise alone, and not which sums they may come of, as those of floating-point sums do (Mironov, "On
/// Significance of the Least Significant Bits for Differential Privacy", 2012).
public struct PrivacyNoise: Sendable {
  private let key: SecretKey

  public init(_ secret: PrivacySecret, step: Int) { key = secret.key(.noise, step: step) }

  /// Adds noise to some places.
  /// - Parameters:
  ///   - deviation: σC.
  ///   - first: the place of the first of the numbers.
  ///   - grid: a power of two whose multiples the numbers are, and stay; 0 for none.
  public func add(
    to numbers: UnsafeMutableBufferPointer<Double>, deviation: Double, first: Int, grid: Double = 0
  ) {
    // Eight places share a block of the key stream.
    let most = 1024
    var bits = [UInt64](repeating: 0, count: 8 * min(most, numbers.count / 8 + 2))
    var start = 0
    while let base = numbers.baseAddress, start < numbers.count {
      let (block, skipped) = (first + start).quotientAndRemainder(dividingBy: 8)
      let count = min(8 * most - skipped, numbers.count - start)
      bits.withUnsafeMutableBytes { bytes in
        key.fill(UnsafeMutableRawBufferPointer(rebasing: bytes[..<(64 * ((skipped + count + 7) / 8))]), block: block)
      }
      mmk_add_normals(base + start, count, bits, skipped, deviation, grid)
      start += count
    }
  }
}
