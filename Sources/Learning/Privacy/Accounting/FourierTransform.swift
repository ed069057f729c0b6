internal import Foundation

/// Complex numbers, the parts apart.
package struct ComplexArray {
  package var real: [Double]
  package var imaginary: [Double]

  package init(real: [Double], imaginary: [Double]) { (self.real, self.imaginary) = (real, imaginary) }

  package var count: Int { real.count }
}

/// Σ_k x_k e^{∓2πi jk / n} of a power of two of numbers (Cooley and Tukey, 1965), in place; not divided by n.
package struct FourierTransform {
  package let count: Int
  /// e^{−2πi j / n} for the first half of all j, each by itself: nothing drifts.
  private let roots: ComplexArray

  package init(count: Int) {
    precondition(count > 0 && count & (count - 1) == 0, "a transform of \(count) numbers")
    self.count = count
    let turns = (0..<max(count / 2, 1)).map { Self.turn(eighths: 8 * Double($0) / Double(count)) }
    roots = ComplexArray(real: turns.map(\.cosine), imaginary: turns.map { -$0.sine })
  }

  /// Cosine and sine of up to half a turn, from angles up to an eighth of one alone: those of larger ones carry the rounding of the angle, which
  /// powers of a transform gather.
  private static func turn(eighths: Double) -> (cosine: Double, sine: Double) {
    let nearest = (eighths / 2).rounded()
    let angle = (eighths - 2 * nearest) * Double.pi / 4
    let (cosine, sine) = (cos(angle), sin(angle))
    switch nearest {
    case 0: return (cosine, sine)
    case 1: return (-sine, cosine)
    default: return (-cosine, -sine)
    }
  }

  package func forward(_ numbers: inout ComplexArray) { transform(&numbers.real, &numbers.imaginary) }

  /// Divided by n: what `forward` was given.
  package func inverse(_ numbers: inout ComplexArray) {
    // Real and imaginary parts in each other's places turn the sign of the exponent.
    transform(&numbers.imaginary, &numbers.real)
    let factor = 1 / Double(count)
    for place in 0..<count {
      numbers.real[place] *= factor
      numbers.imaginary[place] *= factor
    }
  }

  private func transform(_ real: inout [Double], _ imaginary: inout [Double]) {
    precondition(real.count == count && imaginary.count == count, "a transform of other \(real.count) numbers")
    real.withUnsafeMutableBufferPointer { real in
      imaginary.withUnsafeMutableBufferPointer { imaginary in
        reverseBits(real, imaginary)
        var half = 1
        while half < count {
          roots.real.withUnsafeBufferPointer { cosines in
            roots.imaginary.withUnsafeBufferPointer { sines in butterflies(half, cosines, sines, real, imaginary) }
          }
          half *= 2
        }
      }
    }
  }

  private func butterflies(
    _ half: Int, _ cosines: UnsafeBufferPointer<Double>, _ sines: UnsafeBufferPointer<Double>,
    _ real: UnsafeMutableBufferPointer<Double>, _ imaginary: UnsafeMutableBufferPointer<Double>
  ) {
    let stride = count / (2 * half)
    for start in Swift.stride(from: 0, to: count, by: 2 * half) {
      for j in 0..<half {
        let (a, b) = (start + j, start + j + half)
        let (c, s) = (cosines[j * stride], sines[j * stride])
        let turned = (real: real[b] * c - imaginary[b] * s, imaginary: real[b] * s + imaginary[b] * c)
        (real[b], imaginary[b]) = (real[a] - turned.real, imaginary[a] - turned.imaginary)
        (real[a], imaginary[a]) = (real[a] + turned.real, imaginary[a] + turned.imaginary)
      }
    }
  }

  private func reverseBits(
    _ real: UnsafeMutableBufferPointer<Double>, _ imaginary: UnsafeMutableBufferPointer<Double>
  ) {
    var reversed = 0
    for place in 1..<max(count, 1) {
      var bit = count >> 1
      while reversed & bit != 0 {
        reversed ^= bit
        bit >>= 1
      }
      reversed |= bit
      if place < reversed {
        real.swapAt(place, reversed)
        imaginary.swapAt(place, reversed)
      }
    }
  }
}
