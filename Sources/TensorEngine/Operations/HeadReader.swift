internal import CKernels

/// One head's columns of some rows, as fp32.
struct HeadMatrix {
  let pointer: UnsafeMutablePointer<Float>
  let stride: Int

  var operand: MatrixOperand { MatrixOperand(pointer, stride: stride) }
  var transposed: MatrixOperand { MatrixOperand(pointer, stride: stride, transposed: true) }
}

/// Gives attention the heads of its inputs as fp32, and takes its results: in place where tensors are fp32, by way of
/// scratch memory that stays in the cache where they are bfloat16.
struct HeadReader {
  /// Blocks of `block` floats, one a slot.
  let scratch: UnsafeMutablePointer<Float>
  let block: Int
  let headWidth: Int
  let kernels: mmk_kernels

  func read(_ tensor: Tensor, _ rows: Range<Int>, column: Int, slot: Int) -> HeadMatrix {
    let start = rows.lowerBound * tensor.columns + column
    guard tensor.elementType == .bfloat16 else {
      return HeadMatrix(pointer: tensor.floats + start, stride: tensor.columns)
    }
    let copy = scratch + slot * block
    for row in 0..<rows.count {
      kernels.from_bf16(headWidth, tensor.halves + start + row * tensor.columns, copy + row * headWidth, 0)
    }
    return HeadMatrix(pointer: copy, stride: headWidth)
  }

  /// Lets `product` write, or where `beta` is 1 add to, one head of `tensor`.
  func write(
    _ tensor: Tensor, _ rows: Range<Int>, column: Int, accumulates: Bool, slot: Int,
    _ product: (HeadMatrix, _ beta: Float) -> Void
  ) {
    let start = rows.lowerBound * tensor.columns + column
    guard tensor.elementType == .bfloat16 else {
      return product(HeadMatrix(pointer: tensor.floats + start, stride: tensor.columns), accumulates ? 1 : 0)
    }
    let result =
      accumulates
      ? read(tensor, rows, column: column, slot: slot)
      : HeadMatrix(pointer: scratch + slot * block, stride: headWidth)
    product(result, accumulates ? 1 : 0)
    for row in 0..<rows.count {
      kernels.to_bf16(headWidth, result.pointer + row * headWidth, tensor.halves + start + row * tensor.columns)
    }
  }

  /// The same for a gradient; does nothing where none is wanted.
  func write(
    _ target: GradientTarget?, _ rows: Range<Int>, column: Int, slot: Int,
    _ product: (HeadMatrix, _ beta: Float) -> Void
  ) {
    guard let target else { return }
    write(target.tensor, rows, column: column, accumulates: target.accumulates, slot: slot, product)
  }
}
