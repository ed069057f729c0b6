internal import CKernels

extension Tape {
  public func add(_ a: Tensor, _ b: Tensor) -> Tensor {
    precondition(a.shape == b.shape, "add: \(a.shape) and \(b.shape)")
    let given = [a, b]
    let (a, b) = (float32(a), float32(b))
    let y = engine.tensor(a.shape, requiresGradient: tracks(a, b))
    engine.overRows(a.rows, columns: a.columns) { range in
      let start = range.lowerBound * a.columns
      engine.kernels.add(range.count * a.columns, a.floats + start, b.floats + start, y.floats + start)
    }
    if tracks(a, b) { record(AddOperation(a: a, b: b, y: y)) }
    for widened in [a, b] where !given.contains(where: { $0 === widened }) {
      widened.releaseValues("it was widened for a sum")
    }
    return y
  }

  /// y[i] = a[i] b[i]
  public func multiply(_ a: Tensor, _ b: Tensor) -> Tensor {
    precondition(a.shape == b.shape, "multiply: \(a.shape) and \(b.shape)")
    let (a, b) = (float32(a), float32(b))
    let y = engine.tensor(a.shape, requiresGradient: tracks(a, b))
    engine.multiplied(a, b, into: y, accumulate: 0)
    if tracks(a, b) { record(MultiplyOperation(a: a, b: b, y: y)) }
    return y
  }

  public func scale(_ x: Tensor, by factor: Float) -> Tensor {
    let x = float32(x)
    let y = engine.tensor(x.shape, requiresGradient: tracks(x))
    engine.scaled(x, by: factor, into: y, accumulate: 0)
    if tracks(x) { record(ScaleOperation(x: x, factor: factor, y: y)) }
    return y
  }

  /// Each row over its Euclidean length: x / max(|x|, ε).
  public func normalize(_ x: Tensor, epsilon: Float = 1e-12) -> Tensor {
    let x = float32(x)
    let (rows, columns) = (x.rows, x.columns)
    let y = engine.tensor(x.shape, requiresGradient: tracks(x))
    let inverseNorms = engine.tensor([rows])
    engine.overRows(rows, columns: columns) { range in
      let start = range.lowerBound * columns
      engine.kernels.normalize(
        range.count, columns, epsilon, x.floats + start, y.floats + start, inverseNorms.floats + range.lowerBound)
    }
    if tracks(x) { record(NormalizeOperation(x: x, y: y, inverseNorms: inverseNorms)) }
    return y
  }
}

extension Engine {
  fileprivate func multiplied(_ a: Tensor, _ b: Tensor, into y: Tensor, accumulate: Int32) {
    overRows(y.rows, columns: y.columns) { range in
      let start = range.lowerBound * y.columns
      kernels.multiply(range.count * y.columns, a.floats + start, b.floats + start, y.floats + start, accumulate)
    }
  }

  fileprivate func scaled(_ x: Tensor, by factor: Float, into y: Tensor, accumulate: Int32) {
    overRows(x.rows, columns: x.columns) { range in
      let start = range.lowerBound * x.columns
      kernels.scale(range.count * x.columns, factor, x.floats + start, y.floats + start, accumulate)
    }
  }
}

private struct AddOperation: DifferentiableOperation {
  let a: Tensor, b: Tensor, y: Tensor

  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    engine.addGradient(dy, to: a)
    engine.addGradient(dy, to: b)
  }
}

private struct MultiplyOperation: DifferentiableOperation {
  let a: Tensor, b: Tensor, y: Tensor

  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    for (factor, other) in [(a, b), (b, a)] {
      guard let target = engine.gradientTarget(factor) else { continue }
      engine.multiplied(dy, other, into: target.tensor, accumulate: target.accumulate)
    }
  }
}

private struct ScaleOperation: DifferentiableOperation {
  let x: Tensor, factor: Float, y: Tensor

  func backward(_ engine: Engine) {
    guard let dy = y.gradient, let target = engine.gradientTarget(x) else { return }
    engine.scaled(dy, by: factor, into: target.tensor, accumulate: target.accumulate)
  }
}

private struct NormalizeOperation: DifferentiableOperation {
  let x: Tensor, y: Tensor, inverseNorms: Tensor

  func backward(_ engine: Engine) {
    guard let dy = y.gradient, let target = engine.gradientTarget(x) else { return }
    engine.overRows(x.rows, columns: x.columns) { range in
      let start = range.lowerBound * x.columns
      engine.kernels.normalize_backward(
        range.count, x.columns, y.floats + start, inverseNorms.floats + range.lowerBound, dy.floats + start,
        target.floats + start, target.accumulate)
    }
  }
}
