extension Tape {
  /// y = (x - mean) / scale a column, fp32: constants that are not learnt.
  /// - Parameter scale: no zeros.
  public func standardize(_ x: Tensor, mean: Tensor, scale: Tensor) -> Tensor {
    let x = float32(x)
    precondition(
      mean.count == x.columns && scale.count == x.columns, "standardize: \(x.shape) by \(mean.shape), \(scale.shape)")
    let y = engine.tensor(x.shape, requiresGradient: tracks(x))
    let factors = scale.values().map { 1 / Double($0) }
    engine.affine(x, factors, zip(mean.values(), factors).map { -Double($0) * $1 }, addend: nil, into: y)
    if tracks(x) { record(StandardizeOperation(x: x, factors: factors, y: y)) }
    return y
  }
}

private struct StandardizeOperation: DifferentiableOperation {
  let x: Tensor, factors: [Double], y: Tensor

  func backward(_ engine: Engine) {
    guard let dy = y.gradient, let target = engine.gradientTarget(x) else { return }
    engine.affine(
      dy, factors, factors.map { _ in 0 }, addend: target.accumulates ? target.tensor : nil, into: target.tensor)
  }
}
