internal import CKernels

extension Tape {
  /// Softmax cross-entropy of logits [N, K] against `targets`, summed and divided by `count`: with the number of rows
  /// of all ranks as count, the ranks' losses add up to the mean over the global batch. A scalar.
  /// - Parameter smoothing: ε: the share that is taken from a row's target and given to all K alike, (1 − ε) · −ln p of the
  ///   target + ε · mean of −ln p (Szegedy et al., "Rethinking the Inception Architecture", 2016, §7).
  public func crossEntropy(_ logits: Tensor, targets: [Int32], count: Int, smoothing: Float = 0) -> Tensor {
    let logits = float32(logits)
    precondition(
      targets.count == logits.rows && targets.allSatisfy { $0 >= 0 && $0 < logits.columns },
      "crossEntropy: \(targets.count) targets for logits \(logits.shape)")
    precondition(0..<1 ~= smoothing, "crossEntropy: a smoothing of \(smoothing)")
    let tracked = tracks(logits)
    let statistics = engine.tensor([2, max(logits.rows, 1)])  // losses, log-sum-exps
    engine.kernels.cross_entropy(
      logits.rows, logits.columns, smoothing, logits.floats, targets, statistics.floats,
      statistics.floats + statistics.columns)
    let total = UnsafeBufferPointer(start: statistics.floats, count: logits.rows).reduce(0.0) { $0 + Double($1) }
    let loss = engine.scalar(Float(total / Double(count)), requiresGradient: tracked)
    if tracked {
      record(
        CrossEntropyOperation(
          logits: logits, targets: targets, count: count, smoothing: smoothing, statistics: statistics, loss: loss))
    }
    return loss
  }

  /// Σ weight · loss over scalars.
  public func weightedSum(_ terms: [(weight: Float, loss: Tensor)]) -> Tensor {
    let total = terms.reduce(Float(0)) { $0 + $1.weight * $1.loss.value }
    let tracked = terms.contains { tracks($0.loss) }
    let y = engine.scalar(total, requiresGradient: tracked)
    if tracked { record(WeightedSumOperation(terms: terms, y: y)) }
    return y
  }
}

extension Engine {
  package func scalar(_ value: Float, requiresGradient: Bool = false) -> Tensor {
    tensor([value], shape: [], requiresGradient: requiresGradient)
  }
}

extension Engine {
  /// ln Σ exp of each row of logits [N, K] → N numbers.
  public func logSumExps(_ logits: Tensor) -> [Float] {
    let (columns, targets) = (logits.columns, [Int32](repeating: 0, count: max(logits.rows, 1)))
    let statistics = tensor([2, max(logits.rows, 1)])  // of losses nobody asks for, and log-sum-exps
    overRows(logits.rows, columns: columns) { range in
      targets.withUnsafeBufferPointer { targets in
        guard let base = targets.baseAddress else { return }
        kernels.cross_entropy(
          range.count, columns, 0, logits.floats + range.lowerBound * columns, base,
          statistics.floats + range.lowerBound, statistics.floats + statistics.columns + range.lowerBound)
      }
    }
    return statistics.withValues { Array($0[statistics.columns..<statistics.columns + logits.rows]) }
  }
}

private struct CrossEntropyOperation: DifferentiableOperation {
  let logits: Tensor, targets: [Int32], count: Int, smoothing: Float, statistics: Tensor, loss: Tensor

  func backward(_ engine: Engine) {
    guard let dloss = loss.gradient, let target = engine.gradientTarget(logits) else { return }
    engine.kernels.cross_entropy_backward(
      logits.rows, logits.columns, smoothing, dloss.value / Float(count), logits.floats, targets,
      statistics.floats + statistics.columns, target.floats, target.accumulate)
  }
}

private struct WeightedSumOperation: DifferentiableOperation {
  let terms: [(weight: Float, loss: Tensor)], y: Tensor

  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    for term in terms {
      guard let target = engine.gradientTarget(term.loss) else { continue }
      engine.kernels.scale(1, term.weight, dy.floats, target.floats, target.accumulate)
    }
  }
}
