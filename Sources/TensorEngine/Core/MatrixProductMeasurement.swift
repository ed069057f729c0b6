internal import CKernels
internal import Glibc

extension Engine {
  /// One core's matrix product of the shape of a ViT-B/32 projection (1600×768×768) beside its peak of multiply-adds,
  /// in GFLOP/s; the best of several, as other programs only ever slow one down.
  public func measureMatrixProducts() -> (achieved: Double, peak: Double) {
    let (rows, width) = (1600, 768)
    let a = zeros([rows, width])
    let b = zeros([width, width])
    let c = zeros([rows, width])
    var peak = 0.0
    var achieved = 0.0
    for _ in 0..<5 {
      peak = max(
        peak,
        rate {
          var operations = 0
          _ = kernels.multiply_add_chains(2_000_000, &operations)
          return operations
        })
      achieved = max(
        achieved,
        rate {
          TensorEngine.multiply(
            .init(a.floats, stride: width), .init(b.floats, stride: width, transposed: true), into: c.floats,
            stride: width, rows: rows, columns: width, depth: width)
          return 2 * rows * width * width
        })
    }
    return (achieved, peak)
  }
}

/// Giga-operations a second of work that says how many it did.
private func rate(_ work: () -> Int) -> Double {
  var start = timespec()
  var end = timespec()
  clock_gettime(CLOCK_MONOTONIC, &start)
  let operations = work()
  clock_gettime(CLOCK_MONOTONIC, &end)
  let nanoseconds = Double(end.tv_sec - start.tv_sec) * 1e9 + Double(end.tv_nsec - start.tv_nsec)
  return Double(operations) / nanoseconds
}
