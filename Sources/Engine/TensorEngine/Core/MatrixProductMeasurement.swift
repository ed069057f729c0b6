internal import CKernels
internal import Glibc

/// A matrix product to be measured: C [rows, columns] = A B with A [rows, depth] and B [depth, columns], the operands
/// lying in memory as themselves or transposed.
public struct ProductShape: Sendable, Equatable {
  public let rows: Int, columns: Int, depth: Int
  public let isTransposed: (a: Bool, b: Bool)

  public init(rows: Int, columns: Int, depth: Int, transposedA: Bool = false, transposedB: Bool = false) {
    (self.rows, self.columns, self.depth) = (rows, columns, depth)
    isTransposed = (transposedA, transposedB)
  }

  public static func == (a: ProductShape, b: ProductShape) -> Bool {
    (a.rows, a.columns, a.depth) == (b.rows, b.columns, b.depth) && a.isTransposed == b.isTransposed
  }

  public var operations: Int { 2 * rows * columns * depth }
}

extension Engine {
  /// One core's matrix product of the shape of a ViT-B/32 projection (1600×768×768) beside its peak of multiply-adds,
  /// in GFLOP/s; the best of several, as other programs only ever slow one down.
  public func measureMatrixProducts() -> (achieved: Double, peak: Double) {
    let shape = ProductShape(rows: 1600, columns: 768, depth: 768, transposedB: true)
    let alone = Engine(threadCount: 1, level: level, products: products)
    return (alone.measure(shape, repetitions: 5), alone.measurePeak())
  }

  /// GFLOP/s of fp32 multiply-adds without memory, on one core.
  public func measurePeak() -> Double {
    (0..<5).reduce(0.0) { best, _ in
      max(
        best,
        rate {
          var operations = 0
          _ = kernels.multiply_add_chains(2_000_000, &operations)
          return operations
        })
    }
  }

  /// GFLOP/s of a product at the engine's precision on all its threads, the best of `repetitions` after one for warmth.
  public func measure(_ shape: ProductShape, repetitions: Int) -> Double {
    let a = zeros(shape.isTransposed.a ? [shape.depth, shape.rows] : [shape.rows, shape.depth])
    let b = zeros(shape.isTransposed.b ? [shape.columns, shape.depth] : [shape.depth, shape.columns])
    let c = zeros([shape.rows, shape.columns])
    let factors = precision == .bf16 ? (a: bfloat16(a), b: bfloat16(b)) : (a: a, b: b)
    func run() -> Int {
      multiply(
        .init(factors.a, transposed: shape.isTransposed.a), .init(factors.b, transposed: shape.isTransposed.b), into: c)
      return shape.operations
    }
    _ = run()
    return (0..<repetitions).reduce(0.0) { best, _ in max(best, rate(run)) }
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
