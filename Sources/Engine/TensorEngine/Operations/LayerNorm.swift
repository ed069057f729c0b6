internal import CKernels

extension Tape {
  /// y = (x - mean) / sqrt(variance + ε) · w + b over the last dimension (Ba, Kiros & Hinton, 2016).
  /// - Parameter keepsFloat32: y is fp32 whatever the engine's precision: for what begins a residual stream.
  public func layerNorm(
    _ x: Tensor, weight: Tensor, bias: Tensor, epsilon: Float = 1e-5, keepsFloat32: Bool = false
  ) -> Tensor {
    let type = keepsFloat32 ? .float32 : engine.activationType
    return layerNorm(stream: float32(x), branch: nil, weight, bias, epsilon, type).normalized
  }

  /// sum = x + residual, normalized = LayerNorm(sum), in one pass: the joint of a transformer. The sum is fp32.
  /// - Parameter keepsFloat32: so is the normalized sum, at every precision: where it goes on as the residual stream.
  public func layerNorm(
    _ x: Tensor, residual: Tensor, weight: Tensor, bias: Tensor, epsilon: Float = 1e-5, keepsFloat32: Bool = false
  ) -> (sum: Tensor, normalized: Tensor) {
    precondition(x.shape == residual.shape, "layerNorm: x is \(x.shape), residual is \(residual.shape)")
    let type = keepsFloat32 ? .float32 : engine.activationType
    // The kernels take a branch of the result's type.
    guard x.elementType == type else {
      return layerNorm(stream: add(x, residual), branch: nil, weight, bias, epsilon, type)
    }
    return layerNorm(stream: float32(residual), branch: x, weight, bias, epsilon, type)
  }

  private func layerNorm(
    stream: Tensor, branch: Tensor?, _ weight: Tensor, _ bias: Tensor, _ epsilon: Float, _ type: ElementType
  ) -> (sum: Tensor, normalized: Tensor) {
    let (rows, columns) = (stream.rows, stream.columns)
    precondition(
      weight.count == columns && bias.count == columns, "layerNorm: x is \(stream.shape), weight is \(weight.shape)")
    let tracked = tracks(stream, branch, weight, bias)
    let normalization = Normalization(
      sum: branch == nil ? stream : engine.tensor(stream.shape, requiresGradient: tracked), weight: weight, bias: bias,
      epsilon: epsilon, statistics: engine.tensor([2, rows]))
    let y = engine.tensor(stream.shape, type, requiresGradient: tracked)
    normalization.forward(stream: stream, branch: branch, into: y, engine)
    if isRecording { y.recomputation = { normalization.again(type, $0) } }
    if tracked {
      record(LayerNormOperation(stream: stream, branch: branch, normalization: normalization, y: y))
    }
    return (normalization.sum, y)
  }
}

/// What is kept of a normalization, from which its result can be computed again.
private struct Normalization {
  /// stream + branch; the stream itself where there is no branch.
  let sum: Tensor
  let weight: Tensor, bias: Tensor
  let epsilon: Float
  /// Means, then 1 / standard deviations [2, rows].
  let statistics: Tensor

  var rows: Int { sum.rows }
  var columns: Int { sum.columns }
  var means: UnsafeMutablePointer<Float> { statistics.floats }
  var inverseDeviations: UnsafeMutablePointer<Float> { statistics.floats + rows }

  func forward(stream: Tensor, branch: Tensor?, into y: Tensor, _ engine: Engine) {
    engine.overRows(rows, columns: columns) { range in
      let (first, start) = (range.lowerBound, range.lowerBound * columns)
      if y.elementType == .bfloat16 {
        engine.kernels.layer_norm_bf16(
          range.count, columns, epsilon, stream.floats + start, branch.map { UnsafePointer($0.halves + start) },
          sum.floats + start, weight.floats, bias.floats, y.halves + start, means + first, inverseDeviations + first)
      } else {
        engine.kernels.layer_norm(
          range.count, columns, epsilon, stream.floats + start, branch.map { UnsafePointer($0.floats + start) },
          sum.floats + start, weight.floats, bias.floats, y.floats + start, means + first, inverseDeviations + first)
      }
    }
  }

  /// The same bits as the first time: the same kernel on the sum, with the same statistics.
  func again(_ type: ElementType, _ engine: Engine) -> Tensor {
    let y = engine.tensor(sum.shape, type)
    forward(stream: sum, branch: nil, into: y, engine)
    return y
  }
}

private struct LayerNormOperation: DifferentiableOperation {
  let stream: Tensor
  /// What is added to the stream first; of y's type.
  let branch: Tensor?
  let normalization: Normalization
  let y: Tensor

  private var sum: Tensor { normalization.sum }
  private var weight: Tensor { normalization.weight }
  private var bias: Tensor { normalization.bias }
  private var rows: Int { normalization.rows }
  private var columns: Int { normalization.columns }
  private var means: UnsafeMutablePointer<Float> { normalization.means }
  private var inverseDeviations: UnsafeMutablePointer<Float> { normalization.inverseDeviations }

  // With g = dy w and n the normalized sum: dsum += (g - mean g - n mean(g n)) / σ, which both summands receive;
  // dw = Σ dy n, db = Σ dy.
  func backward(_ engine: Engine) {
    let dsum = branch == nil ? nil : sum.gradient
    guard let dy = y.gradient else {
      // The normalized output went unused: only the sum carries a gradient.
      if let dsum { share(dsum, engine) }
      return
    }
    parameters(dy, engine)
    if branch == nil {
      if let target = engine.gradientTarget(stream) {
        input(dy, dsum: nil, into: target.floats, accumulate: target.accumulate, engine)
      }
    } else if stream.requiresGradient || branch?.requiresGradient == true {
      let dx = engine.tensor(stream.shape)
      input(dy, dsum: dsum, into: dx.floats, accumulate: 0, engine)
      share(dx, engine)
    }
  }

  private func share(_ gradient: Tensor, _ engine: Engine) {
    if let branch { engine.addGradient(gradient, to: branch) }
    engine.addGradient(gradient, to: stream)
  }

  private func input(
    _ dy: Tensor, dsum: Tensor?, into dx: UnsafeMutablePointer<Float>, accumulate: Int32, _ engine: Engine
  ) {
    engine.overRows(rows, columns: columns) { range in
      let (first, start) = (range.lowerBound, range.lowerBound * columns)
      let dsum = dsum.map { UnsafePointer($0.floats + start) }
      if dy.elementType == .bfloat16 {
        engine.kernels.layer_norm_backward_bf16(
          range.count, columns, sum.floats + start, weight.floats, means + first, inverseDeviations + first,
          dy.halves + start, dsum, dx + start, accumulate)
      } else {
        engine.kernels.layer_norm_backward(
          range.count, columns, sum.floats + start, weight.floats, means + first, inverseDeviations + first,
          dy.floats + start, dsum, dx + start, accumulate)
      }
    }
  }

  private func parameters(_ dy: Tensor, _ engine: Engine) {
    guard weight.requiresGradient || bias.requiresGradient else { return }
    // The kernel makes both; where one is frozen, its gradient goes nowhere.
    let unused = { GradientTarget(tensor: engine.tensor([columns]), accumulates: false) }
    let targets = [weight, bias].map(engine.gradientTarget)
    let accumulates = targets.contains { $0?.accumulates == true }
    let dweight = targets[0] ?? unused()
    let dbias = targets[1] ?? unused()
    precondition(
      targets.allSatisfy { $0?.accumulates ?? accumulates == accumulates },
      "layerNorm: weight and bias are used together")
    engine.overColumns(columns, rows: rows) { range in
      let (first, last) = (range.lowerBound, range.upperBound)
      if dy.elementType == .bfloat16 {
        engine.kernels.layer_norm_backward_parameters_bf16(
          rows, columns, first, last, sum.floats, means, inverseDeviations, dy.halves, dweight.floats, dbias.floats,
          accumulates ? 1 : 0)
      } else {
        engine.kernels.layer_norm_backward_parameters(
          rows, columns, first, last, sum.floats, means, inverseDeviations, dy.floats, dweight.floats, dbias.floats,
          accumulates ? 1 : 0)
      }
    }
  }
}
