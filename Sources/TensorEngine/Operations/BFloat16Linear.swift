internal import CKernels

extension Tape {
  /// `linear` with bfloat16 factors: x, which may be either type, and the weight are rounded; bias and sums are fp32.
  /// y is bfloat16 unless `resultType` says otherwise.
  func bfloat16Linear(
    _ x: Tensor, weight: Tensor, bias: Tensor?, activation: Activation, resultType: ElementType
  ) -> Tensor {
    let shape = [x.rows, weight.rows]
    let tracked = tracks(x, weight, bias)
    let factors = (x: engine.bfloat16(x), weight: bfloat16(weight: weight))
    let preType = activation == .none ? resultType : .bfloat16
    let pre = engine.tensor(shape, preType, requiresGradient: tracked && activation == .none)
    engine.multiply(.init(factors.x), .init(factors.weight, transposed: true), into: pre, bias: bias)
    let y = activation == .none ? pre : engine.tensor(shape, .bfloat16, requiresGradient: tracked)
    if activation != .none {
      engine.overRows(y.rows, columns: y.columns) { range in
        let start = range.lowerBound * y.columns
        engine.kernels.bias_activation_bf16(
          activation.code, range.count, y.columns, nil, pre.halves + start, y.halves + start)
      }
    }
    if tracked {
      record(
        BFloat16LinearOperation(
          x: x, weight: weight, bias: bias, factors: factors, activation: activation, pre: pre, y: y))
    }
    return y
  }
}

private struct BFloat16LinearOperation: DifferentiableOperation {
  let x: Tensor, weight: Tensor, bias: Tensor?
  /// As they were multiplied.
  let factors: (x: Tensor, weight: Tensor)
  let activation: Activation
  /// Before the activation [N, O]; the same tensor as y where there is none.
  let pre: Tensor
  let y: Tensor

  // dpre = dy f'(pre); dW = dpreᵀ x; db = column sums of dpre; dx = dpre W.
  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    let dpre = activation == .none ? engine.bfloat16(dy) : throughActivation(dy, engine)
    if let target = engine.gradientTarget(weight) {
      engine.multiply(
        .init(dpre, transposed: true), .init(factors.x), into: target.tensor, accumulates: target.accumulates)
    }
    if let bias, let target = engine.gradientTarget(bias) {
      engine.overColumns(dpre.columns, rows: dpre.rows) { range in
        engine.kernels.column_sums_bf16(
          dpre.rows, dpre.columns, range.lowerBound, range.upperBound, dpre.halves, target.floats, target.accumulate)
      }
    }
    if let target = engine.gradientTarget(x) {
      engine.multiply(.init(dpre), .init(factors.weight), into: target.tensor, accumulates: target.accumulates)
    }
  }

  private func throughActivation(_ dy: Tensor, _ engine: Engine) -> Tensor {
    let dpre = engine.tensor(y.shape, .bfloat16)
    engine.overRows(y.rows, columns: y.columns) { range in
      let start = range.lowerBound * y.columns
      engine.kernels.activation_backward_bf16(
        activation.code, range.count * y.columns, pre.halves + start, dy.halves + start, dpre.halves + start)
    }
    return dpre
  }
}
