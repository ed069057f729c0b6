internal import CKernels

/// A matrix as a product reads it: a tensor of the engine's activation type or some of its columns, as it lies or transposed.
struct Factor {
  let tensor: Tensor
  /// Of the tensor, before it is transposed.
  let window: Range<Int>
  let isTransposed: Bool

  /// - Parameter columns: those of the tensor's that are multiplied; nil for all.
  init(_ tensor: Tensor, columns: Range<Int>? = nil, transposed: Bool = false) {
    (self.tensor, window, isTransposed) = (tensor, columns ?? 0..<tensor.columns, transposed)
  }

  var rows: Int { isTransposed ? window.count : tensor.rows }
  var columns: Int { isTransposed ? tensor.rows : window.count }
}

extension Engine {
  /// C = A B, or C += A B, on all threads. Factors are both fp32, or both bfloat16 with a bias that may be added and a C of
  /// either type; sums are fp32.
  func multiply(_ a: Factor, _ b: Factor, into c: Tensor, bias: Tensor? = nil, accumulates: Bool = false) {
    precondition(
      a.columns == b.rows && c.count == a.rows * b.columns,
      "a product of \(a.rows)×\(a.columns) and \(b.rows)×\(b.columns)")
    guard precision == .fp32 else { return multiplyBFloat16(a, b, into: c, bias: bias, accumulates: accumulates) }
    precondition(bias == nil, "a bias is added to fp32 products by the kernel that comes after them")
    multiply(
      a.operand, b.operand, into: c.floats, stride: b.columns, rows: a.rows, columns: b.columns, depth: a.columns,
      beta: accumulates ? 1 : 0)
  }
}

extension Factor {
  fileprivate var operand: MatrixOperand {
    MatrixOperand(tensor.floats + window.lowerBound, stride: tensor.columns, transposed: isTransposed)
  }
}

extension Tape {
  /// `x` as products multiply it.
  func factor(_ x: Tensor) -> Tensor { engine.precision == .bf16 ? engine.bfloat16(x) : x }

  /// A weight as products multiply it [O, I]: with its updates, and rounded by its arena or, of a model that stays as it is, once;
  /// or else once a tape, as a step uses each weight in three products.
  func factor(weight: Tensor) -> Tensor {
    let matrix = [weight.shape[0], weight.count / weight.shape[0]]
    guard weight.updates.isEmpty else { return preparedWeights(weight) { factor(engine.merged(weight)) } }
    guard engine.precision == .bf16 else { return weight.shape == matrix ? weight : weight.view(shape: matrix) }
    if let rounded = weight.rounded ?? arrangedWeights.bfloat16(weight, engine) { return rounded.view(shape: matrix) }
    return preparedWeights(weight) { engine.converted(weight.view(shape: matrix), to: .bfloat16) }
  }

  /// The same for products in bfloat16 where nothing is learnt: in oneDNN's order, where that is kept.
  func panels(of weight: Tensor) -> WeightPanels {
    arrangedWeights.bfloat16Panels(weight, engine)
      ?? WeightPanels(
        factor(weight: weight),
        panelOutputs: WeightPanels.outputs(weight.shape[0], threads: engine.threads.threadCount))
  }
}
