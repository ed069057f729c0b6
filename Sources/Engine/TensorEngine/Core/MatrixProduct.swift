internal import CKernels
internal import COneDNN
internal import COpenBLAS

/// One operand of a matrix product: where it begins, its row stride, and whether it is read transposed.
package struct MatrixOperand {
  let pointer: UnsafePointer<Float>
  let stride: Int
  let isTransposed: Bool

  package init(_ pointer: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
    (self.pointer, self.stride, isTransposed) = (pointer, stride, transposed)
  }

  /// The operand from row `row` of the product's point of view on.
  func dropping(rows row: Int) -> MatrixOperand {
    MatrixOperand(pointer + (isTransposed ? row : row * stride), stride: stride, transposed: isTransposed)
  }

  func dropping(columns column: Int) -> MatrixOperand {
    MatrixOperand(pointer + (isTransposed ? column * stride : column), stride: stride, transposed: isTransposed)
  }
}

/// C = alpha A B + beta C on the calling thread; A is [rows, depth], B is [depth, columns].
struct MatrixProduct {
  let a: MatrixOperand, b: MatrixOperand
  let c: UnsafeMutablePointer<Float>
  let stride: Int
  let rows: Int, columns: Int, depth: Int
  let alpha: Float, beta: Float

  /// Whether these are rows by rows of weights, which the engine's own kernel multiplies.
  var isOfRows: Bool { !a.isTransposed && b.isTransposed && alpha == 1 && beta == 0 }

  func computeByRows(_ kernels: mmk_kernels) {
    kernels.few_rows(rows, columns, depth, a.pointer, a.stride, b.pointer, b.stride, c, stride)
  }

  var kind: ProductKind {
    ProductKind(rows: rows, columns: columns, transposedA: a.isTransposed, transposedB: b.isTransposed)
  }

  /// The part that makes some rows of C.
  func rows(_ range: Range<Int>) -> MatrixProduct {
    MatrixProduct(
      a: a.dropping(rows: range.lowerBound), b: b, c: c + range.lowerBound * stride, stride: stride, rows: range.count,
      columns: columns, depth: depth, alpha: alpha, beta: beta)
  }

  /// The part that makes some columns of C.
  func columns(_ range: Range<Int>) -> MatrixProduct {
    MatrixProduct(
      a: a, b: b.dropping(columns: range.lowerBound), c: c + range.lowerBound, stride: stride, rows: rows,
      columns: range.count, depth: depth, alpha: alpha, beta: beta)
  }

  func compute(by choice: ProductChoice) {
    guard rows > 0, columns > 0 else { return }
    // A sum of nothing is OpenBLAS'.
    guard depth > 0, choice[kind] == .oneDNN else { return computeByOpenBLAS() }
    let status = computeByOneDNN()
    guard status == 0 else {
      fatalError(
        "oneDNN \(String(cString: mmd_version())) refused a product of \(rows)×\(columns)×\(depth) in fp32 (status "
          + "\(status)): run with products=openblas")
    }
  }

  func computeByOpenBLAS() {
    cblas_sgemm(
      rowMajor, code(a), code(b), Int32(rows), Int32(columns), Int32(depth), alpha, a.pointer, Int32(a.stride),
      b.pointer, Int32(b.stride), beta, c, Int32(stride))
  }

  /// - Returns: 0, or oneDNN's status.
  func computeByOneDNN() -> Int32 {
    var product = mmd_float_product(
      rows: rows, columns: columns, depth: depth, stride_a: a.stride, stride_b: b.stride, stride_c: stride,
      transposed_a: a.isTransposed ? 1 : 0, transposed_b: b.isTransposed ? 1 : 0, alpha: alpha, beta: beta)
    return mmd_multiply_floats(&product, a.pointer, b.pointer, c)
  }
}

private let rowMajor: Int32 = 101
private func code(_ operand: MatrixOperand) -> Int32 { operand.isTransposed ? 112 : 111 }

/// C = alpha A B + beta C on the calling thread by OpenBLAS, for what belongs to no run.
package func multiplyByOpenBLAS(
  _ a: MatrixOperand, _ b: MatrixOperand, into c: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int,
  depth: Int, alpha: Float = 1, beta: Float = 0
) {
  guard rows > 0, columns > 0 else { return }
  MatrixProduct(
    a: a, b: b, c: c, stride: stride, rows: rows, columns: columns, depth: depth, alpha: alpha, beta: beta
  ).computeByOpenBLAS()
}

extension Engine {
  /// C = alpha A B + beta C on all threads: the longer side of C is divided, so each element is computed by one thread in
  /// one order.
  package func multiply(
    _ a: MatrixOperand, _ b: MatrixOperand, into c: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int,
    depth: Int, alpha: Float = 1, beta: Float = 0
  ) {
    matrixProducts += 1
    let product = MatrixProduct(
      a: a, b: b, c: c, stride: stride, rows: rows, columns: columns, depth: depth, alpha: alpha, beta: beta)
    let (choice, work) = (products, rows * columns * max(depth, 1))
    if multipliesRowsAlone, product.isOfRows {
      let kernels = kernels
      overChunks(of: columns, minimum: minimum(work, columns), multiple: 16) {
        product.columns($1).computeByRows(kernels)
      }
    } else if rows >= columns {
      overChunks(of: rows, minimum: minimum(work, rows), multiple: 8) { product.rows($1).compute(by: choice) }
    } else {
      overChunks(of: columns, minimum: minimum(work, columns), multiple: 16) { product.columns($1).compute(by: choice) }
    }
  }

  /// Multiplies rows by rows of weights, in fp32, one by one for as long as `body` runs: what comes of a row is then the same to the last
  /// bit whatever rows come with it. Each row of weights is read once and none copied, which is faster than a library for up to some 24 rows.
  public func multiplyingRowsAlone<Result>(_ body: () throws -> Result) rethrows -> Result {
    let before = multipliesRowsAlone
    multipliesRowsAlone = true
    defer { multipliesRowsAlone = before }
    return try body()
  }

  /// The smallest part of a side of `length` that is worth a thread: about 100,000 multiplications.
  private func minimum(_ work: Int, _ length: Int) -> Int {
    max(8, 100_000 * length / max(work, 1))
  }
}

extension Engine {
  /// scale · a bᵀ without a gradient: a [N, D], b [M, D] → [N, M].
  public func similarities(_ a: Tensor, _ b: Tensor, scale: Float = 1) -> Tensor {
    precondition(a.columns == b.columns, "similarities: \(a.shape) and \(b.shape)")
    let result = tensor([a.rows, b.rows])
    multiply(
      .init(a.floats, stride: a.columns), .init(b.floats, stride: b.columns, transposed: true), into: result.floats,
      stride: b.rows, rows: a.rows, columns: b.rows, depth: a.columns, alpha: scale)
    return result
  }
}
