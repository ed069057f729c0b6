internal import CJPEG

/// Where each output position of one pass reads, and with what fixed-point weights.
///
/// The numbers are those of Pillow's 8-bit path (Pillow, src/libImaging/Resample.c): weights in double precision,
/// normalised to sum 1, rounded half away from zero to 22 fraction bits. The layout is that of `cresample_weights`.
struct ResampleWeights {
  private(set) var starts: [Int32] = []
  private(set) var high: [Int16] = []
  private(set) var low: [Int16] = []
  let taps: Int

  /// - Parameters:
  ///   - inputSize: pixels in the source along this axis.
  ///   - box: the part of the source that becomes `outputSize` pixels; the filter may reach outside it.
  ///   - range: which of the `outputSize` positions are made.
  init(inputSize: Int, box: (from: Float, to: Float), outputSize: Int, range: Range<Int>, filter: ResizeFilter) {
    let scale = Double(box.to - box.from) / Double(outputSize)
    let filterScale = max(scale, 1)
    let support = filter.support * filterScale
    taps = (Int(support.rounded(.up)) * 2 + 1 + 3) / 4 * 4
    starts.reserveCapacity(range.count)
    high.reserveCapacity(range.count * taps)
    low.reserveCapacity(range.count * taps)
    for position in range {
      let center = Double(box.from) + (Double(position) + 0.5) * scale
      let first = max(0, Int(center - support + 0.5))
      let end = min(inputSize, Int(center + support + 0.5))
      append(
        first: first, inputSize: inputSize,
        normalised((first..<end).map { filter((Double($0) - center + 0.5) * (1 / filterScale)) }))
    }
  }

  /// The first and one past the last source position that any weight touches.
  var reach: Range<Int> {
    let first = starts.min().map(Int.init) ?? 0
    let last = starts.max().map(Int.init) ?? 0
    return first..<(last + taps)
  }

  /// Windows that would end past the source move left, with zeros in front, so that every step of taps stays inside it.
  private mutating func append(first: Int, inputSize: Int, _ weights: [Double]) {
    let start = max(0, min(first, inputSize - taps))
    starts.append(Int32(start))
    let before = first - start
    for tap in 0..<taps {
      let weight = tap >= before && tap - before < weights.count ? weights[tap - before] : 0
      let fixed = Int32(weight * 0x1p22 + (weight < 0 ? -0.5 : 0.5))
      high.append(Int16(fixed >> 15))
      low.append(Int16(fixed & 0x7FFF))
    }
  }

  func withUnsafeWeights<Result>(_ body: (cresample_weights) -> Result) -> Result {
    starts.withUnsafeBufferPointer { starts in
      high.withUnsafeBufferPointer { high in
        low.withUnsafeBufferPointer { low in
          body(
            cresample_weights(
              starts: starts.baseAddress, high: high.baseAddress, low: low.baseAddress, count: starts.count, taps: taps))
        }
      }
    }
  }
}

private func normalised(_ weights: [Double]) -> [Double] {
  let sum = weights.reduce(0, +)
  return sum == 0 ? weights : weights.map { $0 / sum }
}
