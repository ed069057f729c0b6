internal import COneDNN

/// oneDNN's kernels for one of the chunks that products are divided into: which thread takes a chunk is chance, but what is
/// compiled for it is used again.
final class BFloat16Context {
  private let context: OpaquePointer

  init() {
    guard let context = mmd_context_create() else { fatalError("out of memory: oneDNN could not be started") }
    self.context = context
  }

  deinit { mmd_context_destroy(context) }

  /// Products of different form compiled so far.
  var kernelCount: Int { mmd_kernel_count(context) }

  func multiply(
    _ product: inout mmd_product, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ bias: UnsafePointer<Float>?,
    _ c: UnsafeMutableRawPointer
  ) {
    let status = mmd_multiply(context, &product, a, b, bias, c)
    guard status == 0 else {
      fatalError(
        "oneDNN \(String(cString: mmd_version())) refused a product of \(product.rows)×\(product.columns)×"
          + "\(product.depth) in bfloat16 (status \(status)): run with precision=fp32")
    }
  }
}

extension Factor {
  fileprivate var stride: Int { tensor.columns }
  fileprivate func dropping(rows row: Int) -> UnsafeRawPointer {
    UnsafeRawPointer(tensor.halves + window.lowerBound + (isTransposed ? row : row * stride))
  }
  fileprivate func dropping(columns column: Int) -> UnsafeRawPointer {
    UnsafeRawPointer(tensor.halves + window.lowerBound + (isTransposed ? column * stride : column))
  }
}

extension Engine {
  /// C = A B (+ bias), or C += A B, on all threads, of bfloat16 factors; sums are taken in fp32, and C [rows, columns] is
  /// fp32 or bfloat16. The longer side of C is divided, so that each element is computed by one thread in one order.
  func multiplyBFloat16(_ a: Factor, _ b: Factor, into c: Tensor, bias: Tensor?, accumulates: Bool) {
    let (rows, columns, depth) = (a.rows, b.columns, a.columns)
    guard rows > 0, columns > 0 else { return }
    precondition(depth > 0, "a product of \(rows)×0 and 0×\(columns)")
    matrixProducts += 1
    let size = c.elementType.byteCount
    let dividesRows = rows >= columns
    let length = dividesRows ? rows : columns
    let work = rows * columns * max(depth, 1)
    overChunks(of: length, minimum: max(16, 400_000 * length / work), multiple: 16) { chunk, range in
      var product = mmd_product(
        rows: dividesRows ? range.count : rows, columns: dividesRows ? columns : range.count, depth: depth,
        stride_a: a.stride, stride_b: b.stride, stride_c: columns, transposed_a: a.isTransposed ? 1 : 0,
        transposed_b: b.isTransposed ? 1 : 0, result_is_bf16: c.elementType == .bfloat16 ? 1 : 0,
        accumulates: accumulates ? 1 : 0, has_bias: bias == nil ? 0 : 1)
      let (row, column) = dividesRows ? (range.lowerBound, 0) : (0, range.lowerBound)
      bfloat16Contexts[chunk].multiply(
        &product, a.dropping(rows: row), b.dropping(columns: column), bias.map { UnsafePointer($0.floats + column) },
        c.bytes + (row * columns + column) * size)
    }
  }
}
