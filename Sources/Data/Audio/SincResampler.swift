internal import CSoundFile
internal import Glibc

/// Sound at another rate, by windowed-sinc interpolation: the kernel of `torchaudio.functional.resample` with its usual settings
/// (six zero crossings, cosine-squared window, roll-off 0.99). Both rates are divided by what divides both; each output then is
/// a product with one of `to` filters, which repeat.
///
/// Of a filter only the weights within the window are kept: torchaudio multiplies by the zeros beside them, too. Weights are computed
/// in fp64, as torchaudio does for waveforms of fp64; for those of fp32 its own are off by up to 1e-5.
struct SincResampler: Sendable {
  private let from: Int
  private let to: Int
  private let weights: [Float]
  private let starts: [Int32]
  private let taps: Int
  /// Inputs before the first that a filter may reach.
  private let width: Int

  private static let crossings = 6.0
  private static let rollOff = 0.99

  /// - Parameters:
  ///   - from: samples a second.
  ///   - to: samples a second.
  init(from: Int, to: Int) {
    precondition(from > 0 && to > 0, "rates of \(from) and \(to)")
    let divisor = greatestDivisor(from, to)
    let (old, new) = (from / divisor, to / divisor)
    let base = Self.rollOff * Double(min(old, new))
    let reach = Self.crossings * Double(old) / base
    width = Int(reach.rounded(.up))
    let ranges = (0..<new).map { phase in
      let middle = Double(old) * Double(phase) / Double(new)
      return Int((middle - reach).rounded(.up))...Int((middle + reach).rounded(.down))
    }
    taps = ((ranges.map(\.count).max() ?? 0) + 7) / 8 * 8
    starts = ranges.map { [width] in Int32($0.lowerBound + width) }
    var weights = [Float](repeating: 0, count: new * taps)
    for (phase, range) in ranges.enumerated() {
      for (place, sample) in range.enumerated() {
        let time = (Double(sample) / Double(old) - Double(phase) / Double(new)) * base
        weights[phase * taps + place] = Float(Self.kernel(time) * base / Double(old))
      }
    }
    (self.from, self.to, self.weights) = (old, new, weights)
  }

  private static func kernel(_ time: Double) -> Double {
    let angle = Double.pi * min(max(time, -crossings), crossings)
    let window = cos(angle / crossings / 2)
    return (angle == 0 ? 1 : sin(angle) / angle) * window * window
  }

  /// - Returns: ⌈count · to / from⌉ samples.
  func callAsFunction(_ samples: [Float]) -> [Float] {
    guard from != to else { return samples }
    let count = (samples.count * to + from - 1) / from
    var input = [Float](repeating: 0, count: width)
    input.reserveCapacity(width * 2 + samples.count + from + taps)
    input += samples
    input += [Float](repeating: 0, count: width + from + taps)
    return [Float](unsafeUninitializedCapacity: count) { output, initialized in
      weights.withUnsafeBufferPointer { weights in
        starts.withUnsafeBufferPointer { starts in
          var filters = csoundfile_filters(
            weights: weights.baseAddress, starts: starts.baseAddress, phases: to, taps: taps, step: from)
          csoundfile_resample(input, &filters, output.baseAddress, count)
        }
      }
      initialized = count
    }
  }
}

extension Waveform {
  /// The same sound at another rate.
  public func resampled(to rate: Int) -> Waveform {
    rate == self.rate ? self : Waveform(samples: SincResampler(from: self.rate, to: rate)(samples), rate: rate)
  }
}

private func greatestDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestDivisor(b, a % b) }
