internal import COneDNN

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
        factors: MMD_BFLOAT16, rows: dividesRows ? range.count : rows, columns: dividesRows ? columns : range.count,
        depth: depth,
        stride_a: a.stride, stride_b: b.stride, stride_c: columns, transposed_a: a.isTransposed ? 1 : 0,
        transposed_b: b.isTransposed ? 1 : 0, arranged_b: 0,
        result_is_bf16: c.elementType == .bfloat16 ? 1 : 0,
        accumulates: accumulates ? 1 : 0, has_bias: bias == nil ? 0 : 1)
      let (row, column) = dividesRows ? (range.lowerBound, 0) : (0, range.lowerBound)
      productContexts[chunk].multiply(
        &product, a.dropping(rows: row), b.dropping(columns: column), bias.map { UnsafePointer($0.floats + column) },
        c.bytes + (row * columns + column) * size)
    }
  }
}
