internal import COneDNN
internal import COpenBLAS
internal import Glibc

/// How fast both libraries compute each kind of product on one core: a few shapes in turns, some 50 ms on a fast one.
public struct ProductTrial: Sendable {
  public struct Entry: Sendable {
    public let kind: ProductKind
    /// In GFLOP/s.
    public let openBLAS: Double
    /// Nil where oneDNN does not compute it, or comes to something else.
    public let oneDNN: Double?

    package init(_ kind: ProductKind, openBLAS: Double, oneDNN: Double?) {
      (self.kind, self.openBLAS, self.oneDNN) = (kind, openBLAS, oneDNN)
    }

    var faster: ProductLibrary { (oneDNN ?? 0) > openBLAS ? .oneDNN : .openBLAS }
  }

  public let entries: [Entry]

  package init(_ entries: [Entry]) { self.entries = entries }

  public init() {
    openblas_set_num_threads(1)
    limitOneDNN()
    entries = ProductKind.allCases.map { kind in
      let (openBLAS, oneDNN) = Operands(kind).rates()
      return Entry(kind, openBLAS: openBLAS, oneDNN: oneDNN)
    }
  }

  /// The faster library for each kind. Convolutions are oneDNN's wherever it works: without copies of what windows cover it
  /// was the faster one in all shapes (docs/performance.md), and where it has no fast kernel for a shape the engine knows.
  public var choice: ProductChoice {
    ProductChoice(convolutions: entries.contains { $0.oneDNN != nil } ? .oneDNN : .openBLAS) { kind in
      entries.first { $0.kind == kind }?.faster ?? .openBLAS
    }
  }

  /// Whether oneDNN multiplies on this processor as OpenBLAS does.
  public static var oneDNNWorks: Bool {
    limitOneDNN()
    return ProductKind.allCases.allSatisfy { Operands($0, isSmall: true).agree() }
  }

  /// "2.6.3" and the like.
  public static var oneDNNVersion: String { String(cString: mmd_version()) }
}

/// What a kind of product is tried on: a batch's share of a ViT-B's projection, or a few rows.
private final class Operands {
  private let rows: Int, columns: Int, depth: Int
  private let isTransposed: (a: Bool, b: Bool)
  private let a: UnsafeMutablePointer<Float>, b: UnsafeMutablePointer<Float>
  /// Of OpenBLAS, then of oneDNN.
  private let results: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)

  init(_ kind: ProductKind, isSmall: Bool = false) {
    let isNarrow = kind == .narrow
    (rows, columns, depth) = (isNarrow ? 16 : isSmall ? 65 : 384, isSmall ? 129 : 768, isSmall ? 96 : 768)
    isTransposed = (kind == .transposedA, kind == .transposedB || isNarrow)
    func memory(_ count: Int) -> UnsafeMutablePointer<Float> {
      let made = UnsafeMutablePointer<Float>.allocate(capacity: count)
      for index in 0..<count { made[index] = Float(index * 37 % 101) / 101 - 0.5 }
      return made
    }
    (a, b) = (memory(rows * depth), memory(depth * columns))
    results = (memory(rows * columns), memory(rows * columns))
  }

  deinit { for pointer in [a, b, results.0, results.1] { pointer.deallocate() } }

  private func product(into c: UnsafeMutablePointer<Float>) -> MatrixProduct {
    MatrixProduct(
      a: .init(a, stride: isTransposed.a ? rows : depth, transposed: isTransposed.a),
      b: .init(b, stride: isTransposed.b ? depth : columns, transposed: isTransposed.b), c: c, stride: columns,
      rows: rows, columns: columns, depth: depth, alpha: 1, beta: 0)
  }

  /// Whether both come to the same, but for rounding.
  func agree() -> Bool {
    product(into: results.0).computeByOpenBLAS()
    guard product(into: results.1).computeByOneDNN() == 0 else { return false }
    let places = 0..<rows * columns
    let largest = places.reduce(Float(0)) { max($0, abs(results.0[$1])) }
    // What is not finite is not at most anything.
    return places.allSatisfy { abs(results.0[$0] - results.1[$0]) <= 1e-4 * largest }
  }

  /// GFLOP/s of both, the best of several in turns after one for warmth.
  func rates() -> (openBLAS: Double, oneDNN: Double?) {
    let works = agree()
    let operations = 2.0 * Double(rows * columns * depth)
    let repetitions = max(1, Int(6e7 / operations))
    var best = (Double.infinity, Double.infinity)
    for _ in 0..<Self.turns {
      best.0 = min(best.0, nanoseconds(repetitions) { product(into: results.0).computeByOpenBLAS() })
      guard works else { continue }
      best.1 = min(best.1, nanoseconds(repetitions) { _ = product(into: results.1).computeByOneDNN() })
    }
    return (operations / best.0, works ? operations / best.1 : nil)
  }

  private static let turns = 4
}

/// Of one of several repetitions.
private func nanoseconds(_ repetitions: Int, _ work: () -> Void) -> Double {
  var (start, end) = (timespec(), timespec())
  clock_gettime(CLOCK_MONOTONIC, &start)
  for _ in 0..<repetitions { work() }
  clock_gettime(CLOCK_MONOTONIC, &end)
  return (Double(end.tv_sec - start.tv_sec) * 1e9 + Double(end.tv_nsec - start.tv_nsec)) / Double(repetitions)
}

/// Where `MMTRAIN_KERNELS` forces a level, oneDNN computes as on such a processor too, like OpenBLAS (CStartup).
func limitOneDNN() { _ = limit }
private let limit: Int32 = {
  switch KernelLevel.best {
  case .baseline: mmd_limit_instructions(MMD_SSE41)
  case .avx2: mmd_limit_instructions(MMD_AVX2)
  case .avx512: mmd_limit_instructions(MMD_ALL)
  }
}()
