internal import CKernels

extension Tape {
  /// y = (x - mean) / sqrt(variance + ε) · w + b over the last dimension (Ba, Kiros & Hinton, 2016).
  public func layerNorm(_ x: Tensor, weight: Tensor, bias: Tensor, epsilon: Float = 1e-5) -> Tensor {
    layerNorm(x, residual: nil, weight: weight, bias: bias, epsilon: epsilon).normalized
  }

  /// sum = x + residual, normalized = LayerNorm(sum), in one pass: the joint of a pre-norm transformer.
  public func layerNorm(
    _ x: Tensor, residual: Tensor, weight: Tensor, bias: Tensor, epsilon: Float = 1e-5
  ) -> (sum: Tensor, normalized: Tensor) {
    precondition(x.shape == residual.shape, "layerNorm: x is \(x.shape), residual is \(residual.shape)")
    return layerNorm(x, residual: Optional(residual), weight: weight, bias: bias, epsilon: epsilon)
  }

  private func layerNorm(
    _ x: Tensor, residual: Tensor?, weight: Tensor, bias: Tensor, epsilon: Float
  ) -> (sum: Tensor, normalized: Tensor) {
    let (rows, columns) = (x.rows, x.columns)
    precondition(
      weight.count == columns && bias.count == columns, "layerNorm: x is \(x.shape), weight is \(weight.shape)")
    let tracked = tracks(x, residual, weight, bias)
    let sum = residual == nil ? x : engine.tensor(x.shape, requiresGradient: tracked)
    let y = engine.tensor(x.shape, requiresGradient: tracked)
    let statistics = engine.tensor([2, rows])  // mean, 1 / standard deviation
    let (mean, rstd) = (statistics.floats, statistics.floats + rows)
    engine.overRows(rows, columns: columns) { range in
      let (first, start) = (range.lowerBound, range.lowerBound * columns)
      engine.kernels.layer_norm(
        range.count, columns, epsilon, x.floats + start, residual.map { UnsafePointer($0.floats + start) },
        sum.floats + start, weight.floats, bias.floats, y.floats + start, mean + first, rstd + first)
    }
    if tracked {
      record(
        LayerNormOperation(
          x: x, residual: residual, sum: sum, weight: weight, bias: bias, y: y, statistics: statistics))
    }
    return (sum, y)
  }
}

private struct LayerNormOperation: DifferentiableOperation {
  let x: Tensor, residual: Tensor?
  /// x + residual; x itself where there is no residual.
  let sum: Tensor
  let weight: Tensor, bias: Tensor
  let y: Tensor
  let statistics: Tensor

  func backward(_ engine: Engine) {
    let dsum = residual == nil ? nil : sum.gradient
    guard let dy = y.gradient else {
      // The normalized output went unused: only the sum carries a gradient.
      if let dsum, let residual {
        engine.addGradient(dsum, to: x)
        engine.addGradient(dsum, to: residual)
      }
      return
    }
    parameters(dy, engine)
    if residual == nil {
      if let target = engine.gradientTarget(x) {
        input(dy, dsum: nil, into: target.floats, accumulate: target.accumulate, engine)
      }
    } else if let residual, x.requiresGradient || residual.requiresGradient {
      let dx = engine.tensor(x.shape)
      input(dy, dsum: dsum, into: dx.floats, accumulate: 0, engine)
      engine.addGradient(dx, to: x)
      engine.addGradient(dx, to: residual)
    }
  }

  private func input(
    _ dy: Tensor, dsum: Tensor?, into dx: UnsafeMutablePointer<Float>, accumulate: Int32, _ engine: Engine
  ) {
    let (rows, columns) = (x.rows, x.columns)
    engine.overRows(rows, columns: columns) { range in
      let (first, start) = (range.lowerBound, range.lowerBound * columns)
      engine.kernels.layer_norm_backward(
        range.count, columns, sum.floats + start, weight.floats, statistics.floats + first,
        statistics.floats + rows + first, dy.floats + start, dsum.map { UnsafePointer($0.floats + start) },
        dx + start, accumulate)
    }
  }

  private func parameters(_ dy: Tensor, _ engine: Engine) {
    let (rows, columns) = (x.rows, x.columns)
    guard let dweight = engine.gradientTarget(weight), let dbias = engine.gradientTarget(bias) else { return }
    precondition(dweight.accumulates == dbias.accumulates, "layerNorm: weight and bias are used together")
    engine.overColumns(columns, rows: rows) { range in
      engine.kernels.layer_norm_backward_parameters(
        rows, columns, range.lowerBound, range.upperBound, sum.floats, statistics.floats, statistics.floats + rows,
        dy.floats, dweight.floats, dbias.floats, dweight.accumulate)
    }
  }
}
