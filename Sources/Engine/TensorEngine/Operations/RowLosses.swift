// What each row costs by itself, for who weighs rows by what they cost. The losses of `TargetLosses` are these, added up.

extension Tape {
  /// What `crossEntropy` adds up over rows: logits and targets [N, C], a number for each row [N, 1].
  public func crossEntropyOfRows(_ logits: Tensor, targets: Tensor) -> Tensor {
    rowLosses(.crossEntropy, logits, targets)
  }

  /// What `binaryCrossEntropy` adds up over rows: logits and targets [N, A], what is right counting p[a] times.
  public func binaryCrossEntropyOfRows(_ logits: Tensor, targets: Tensor, positiveWeights: [Float]) -> Tensor {
    precondition(
      positiveWeights.count == logits.columns, "\(positiveWeights.count) weights of \(logits.columns) columns")
    return rowLosses(.weightedBinaryCrossEntropy(positiveWeights), logits, targets)
  }

  /// What `boxLoss` adds up over boxes [N, 4].
  public func boxLossOfRows(_ x: Tensor, targets: Tensor, weights: (distance: Float, overlap: Float)) -> Tensor {
    precondition(x.columns == 4 && targets.columns == 4, "boxes \(x.shape) against \(targets.shape)")
    return rowLosses(.box(distance: weights.distance, overlap: weights.overlap), x, targets)
  }

  /// Σ w[n] x[n]: x [N, 1], w constants. A scalar.
  public func weightedSum(_ x: Tensor, weights: [Float]) -> Tensor {
    precondition(x.columns == 1 && x.rows == weights.count, "\(weights.count) weights of \(x.shape)")
    let total = weights.indices.reduce(0.0) { $0 + Double(weights[$1] * x.floats[$1]) }
    let sum = engine.scalar(Float(total), requiresGradient: tracks(x))
    if tracks(x) { record(RowSumOperation(x: x, weights: weights, sum: sum)) }
    return sum
  }

  private func rowLosses(_ kind: RowLoss, _ x: Tensor, _ targets: Tensor) -> Tensor {
    let x = float32(x)
    precondition(x.shape == targets.shape, "losses of \(x.shape) against \(targets.shape)")
    let losses = engine.tensor([x.rows, 1], requiresGradient: tracks(x))
    for row in 0..<x.rows { losses.floats[row] = Float(kind.loss(x.row(row), targets.row(row))) }
    if tracks(x) { record(RowLossOperation(kind: kind, x: x, targets: targets, losses: losses)) }
    return losses
  }
}

private struct RowLossOperation: DifferentiableOperation {
  let kind: RowLoss
  let x: Tensor, targets: Tensor, losses: Tensor

  func backward(_ engine: Engine) {
    guard let dlosses = losses.gradient, let target = engine.zeroedGradientTarget(x) else { return }
    engine.overRows(x.rows, columns: x.columns) { rows in
      for row in rows {
        kind.addGradient(x.row(row), targets.row(row), dlosses.floats[row], to: target.tensor.row(row))
      }
    }
  }
}

private struct RowSumOperation: DifferentiableOperation {
  let x: Tensor, weights: [Float], sum: Tensor

  func backward(_ engine: Engine) {
    guard let dsum = sum.gradient, let target = engine.zeroedGradientTarget(x) else { return }
    for row in weights.indices { target.tensor.floats[row] += dsum.value * weights[row] }
  }
}
