internal import CKernels

// Operations on the channels of images [B, H, W, C], their last dimension.

extension Tape {
  /// y = f(x); y has x's type.
  public func activate(_ x: Tensor, _ activation: Activation) -> Tensor {
    let y = engine.tensor(x.shape, x.elementType, requiresGradient: tracks(x))
    engine.overRows(x.rows, columns: x.columns) { range in
      let start = range.lowerBound * x.columns
      if x.elementType == .bfloat16 {
        engine.kernels.bias_activation_bf16(
          activation.code, range.count, x.columns, nil, x.halves + start, y.halves + start)
      } else {
        engine.kernels.bias_activation(
          activation.code, range.count, x.columns, nil, x.floats + start, y.floats + start)
      }
    }
    if tracks(x) { record(ActivateOperation(x: x, activation: activation, y: y)) }
    return y
  }

  /// y = x · factor (+ residual), fp32: a factor a channel, [C] for all rows, or [B, C] for the rows of each of B images,
  /// as a layer's scale (Touvron et al., 2021) and a gate are applied.
  public func scaleChannels(_ x: Tensor, by factor: Tensor, adding residual: Tensor? = nil) -> Tensor {
    let (factor, residual) = (float32(factor), residual.map(float32))
    precondition(
      factor.count % x.columns == 0 && x.rows % (factor.count / x.columns) == 0
        && residual?.count ?? x.count == x.count, "scaleChannels: \(x.shape) by \(factor.shape)")
    let tracked = tracks(x, factor, residual)
    let y = engine.tensor(residual?.shape ?? x.shape, requiresGradient: tracked)
    let operation = ScaleChannelsOperation(x: x, factor: factor, residual: residual, y: y)
    operation.apply(to: x, adding: residual, into: y, engine)
    if tracked { record(operation) }
    return y
  }

  /// Each channel as `times` channels side by side: y[..., c times + i] = x[..., c].
  public func repeatChannels(_ x: Tensor, times: Int) -> Tensor {
    let x = float32(x)
    guard times > 1 else { return x }
    let y = engine.tensor(x.shape.dropLast() + [x.columns * times], requiresGradient: tracks(x))
    engine.overRows(x.rows, columns: y.columns) { range in
      let start = range.lowerBound * x.columns
      engine.kernels.repeat_channels(range.count * x.columns, times, x.floats + start, y.floats + start * times)
    }
    if tracks(x) { record(RepeatChannelsOperation(x: x, times: times, y: y)) }
    return y
  }
}

private struct ActivateOperation: DifferentiableOperation {
  let x: Tensor, activation: Activation, y: Tensor

  func backward(_ engine: Engine) {
    guard let dy = y.gradient, x.requiresGradient else { return }
    let dx = engine.tensor(x.shape, x.elementType)
    engine.overRows(x.rows, columns: x.columns) { range in
      let (start, count) = (range.lowerBound * x.columns, range.count * x.columns)
      if x.elementType == .bfloat16 {
        engine.kernels.activation_backward_bf16(
          activation.code, count, x.halves + start, dy.halves + start, dx.halves + start)
      } else {
        engine.kernels.activation_backward(
          activation.code, count, x.floats + start, dy.floats + start, dx.floats + start)
      }
    }
    engine.addGradient(dx, to: x)
  }
}

private struct ScaleChannelsOperation: DifferentiableOperation {
  let x: Tensor, factor: Tensor, residual: Tensor?, y: Tensor

  private var groups: Int { factor.count / x.columns }

  func apply(to x: Tensor, adding residual: Tensor?, into y: Tensor, _ engine: Engine) {
    let (columns, rows) = (x.columns, x.rows / groups)
    engine.overRows(x.rows, columns: columns) { range in
      for group in range.lowerBound / rows...(range.upperBound - 1) / rows {
        let part = range.clamped(to: group * rows..<(group + 1) * rows)
        let start = part.lowerBound * columns
        let (scale, addend) = (factor.floats + group * columns, residual.map { UnsafePointer($0.floats + start) })
        if x.elementType == .bfloat16 {
          engine.kernels.channel_affine_bf16(
            part.count, columns, x.halves + start, scale, nil, addend, y.floats + start)
        } else {
          engine.kernels.channel_affine(part.count, columns, x.floats + start, scale, nil, addend, y.floats + start)
        }
      }
    }
  }

  // dx = dy factor; dfactor = Σ dy x over the factor's rows; the residual takes dy.
  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    if let residual { engine.addGradient(dy, to: residual) }
    if let target = engine.gradientTarget(factor) { addFactors(dy, target, engine) }
    guard x.requiresGradient else { return }
    let dx = engine.tensor(x.shape)
    apply(to: dy, adding: nil, into: dx, engine)
    engine.addGradient(dx, to: x)
  }

  private func addFactors(_ dy: Tensor, _ target: GradientTarget, _ engine: Engine) {
    let (columns, rows) = (x.columns, x.rows / groups)
    for group in 0..<groups {
      let sums = engine.channelProducts(
        x.rows(at: group * rows, rows), dy.rows(at: group * rows, rows), center: nil)
      for (column, sum) in sums.enumerated() {
        let place = group * columns + column
        target.floats[place] = Float(sum) + (target.accumulates ? target.floats[place] : 0)
      }
    }
  }
}

private struct RepeatChannelsOperation: DifferentiableOperation {
  let x: Tensor, times: Int, y: Tensor

  func backward(_ engine: Engine) {
    guard let dy = y.gradient, let target = engine.zeroedGradientTarget(x) else { return }
    engine.overRows(x.rows, columns: y.columns) { range in
      for place in range.lowerBound * x.columns..<range.upperBound * x.columns {
        for copy in 0..<times { target.floats[place] += dy.floats[place * times + copy] }
      }
    }
  }
}

extension Tensor {
  /// Some rows of the last dimension's, as a matrix without a gradient.
  fileprivate func rows(at first: Int, _ count: Int) -> Tensor {
    view(shape: [rows, columns]).rows(first..<first + count)
  }
}

extension Engine {
  /// A channel's Σ over rows of a (b - center); without b, of (a - center)²; without either, of a.
  func channelProducts(_ a: Tensor, _ b: Tensor?, center: Tensor?) -> [Double] {
    [Double](unsafeUninitializedCapacity: a.columns) { sums, count in
      guard let out = sums.baseAddress else { return }
      overColumns(a.columns, rows: a.rows) { range in
        if a.elementType == .bfloat16 {
          kernels.channel_products_bf16(
            a.rows, a.columns, range.lowerBound, range.upperBound, a.halves, b?.floats, center?.floats, out)
        } else {
          kernels.channel_products(
            a.rows, a.columns, range.lowerBound, range.upperBound, a.floats, b?.floats, center?.floats, out)
        }
      }
      count = a.columns
    }
  }
}
