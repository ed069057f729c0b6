internal import CJPEG

/// Where each output position of one pass reads, and with what fixed-point weights.
///
/// The numbers are those of Pillow's 8-bit path (Pillow, src/libImaging/Resample.c): weights in double precision,
/// normalised to sum 1, rounded half away from zero to 22 fraction bits. The layout is that of `cresample_weights`.
struct ResampleWeights {
  private var starts: [Int32]
  private var high: [Int16]
  private var low: [Int16]
  private let taps: Int

  /// - Parameters:
  ///   - inputSize: pixels in the source along this axis.
  ///   - box: the part of the source that becomes `outputSize` pixels; the filter may reach outside it.
  ///   - range: which of the `outputSize` positions are made.
  init(inputSize: Int, box: (from: Float, to: Float), outputSize: Int, range: Range<Int>, filter: ResizeFilter) {
    let scale = Double(box.to - box.from) / Double(outputSize)
    let filterScale = max(scale, 1)
    let support = filter.support * filterScale
    let centers = range.map { Double(box.from) + (Double($0) + 0.5) * scale }
    let windows = centers.map { center in
      max(0, Int(center - support + 0.5))..<min(inputSize, Int(center + support + 0.5))
    }
    taps = ((windows.map(\.count).max() ?? 0) + 3) / 4 * 4
    starts = []
    starts.reserveCapacity(range.count)
    high = [Int16](repeating: 0, count: range.count * taps)
    low = high
    var weights = [Double](repeating: 0, count: taps)
    for (index, (center, window)) in zip(centers, windows).enumerated() {
      for (tap, position) in window.enumerated() {
        weights[tap] = filter((Double(position) - center + 0.5) * (1 / filterScale))
      }
      store(weights[..<window.count], at: index, first: window.lowerBound, inputSize: inputSize)
    }
  }

  /// The first and one past the last source position that any weight touches.
  var reach: Range<Int> {
    let first = starts.min().map(Int.init) ?? 0
    let last = starts.max().map(Int.init) ?? 0
    return first..<(last + taps)
  }

  /// Normalises and rounds. A window that would end past the source moves left, with zeros in front, so that every step
  /// of taps stays inside it.
  private mutating func store(_ weights: ArraySlice<Double>, at index: Int, first: Int, inputSize: Int) {
    let start = max(0, min(first, inputSize - taps))
    starts.append(Int32(start))
    let sum = weights.reduce(0, +)
    var place = index * taps + first - start
    for weight in weights {
      let share = sum == 0 ? weight : weight / sum
      let fixed = Int32(share * 0x1p22 + (share < 0 ? -0.5 : 0.5))
      high[place] = Int16(fixed >> 15)
      low[place] = Int16(fixed & 0x7FFF)
      place += 1
    }
  }

  func withUnsafeWeights<Result>(_ body: (cresample_weights) -> Result) -> Result {
    starts.withUnsafeBufferPointer { starts in
      high.withUnsafeBufferPointer { high in
        low.withUnsafeBufferPointer { low in
          body(
            cresample_weights(
              starts: starts.baseAddress, high: high.baseAddress, low: low.baseAddress, count: starts.count,
              taps: taps))
        }
      }
    }
  }
}
