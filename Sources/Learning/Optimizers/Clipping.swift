internal import CKernels
public import Layers
public import TensorEngine

extension ParameterArena {
  /// The sum of the squares of the gradients in `part`. Blocks of fixed size are summed in order, so the number of threads
  /// does not change a bit of it.
  public func squaredGradients(in part: Range<Int>, _ engine: Engine) -> Double {
    guard let base = gradients.baseAddress?.advanced(by: part.lowerBound) else { return 0 }
    let (count, block) = (part.count, 1 << 16)
    var sums = [Double](repeating: 0, count: (count + block - 1) / block)
    sums.withUnsafeMutableBufferPointer { sums in
      nonisolated(unsafe) let sums = sums
      engine.threads.run(sums.count) { _, index in
        let start = index * block
        sums[index] = engine.kernels.sum_of_squares(min(block, count - start), base + start)
      }
    }
    return sums.reduce(0, +)
  }
}

/// The factor that brings a gradient of norm `norm` down to `limit`; 1 where it is within, or where there is no limit.
public func clippingFactor(norm: Double, limit: Float?) -> Float {
  guard let limit, norm > Double(limit) else { return 1 }
  return Float(Double(limit) / (norm + 1e-6))
}
