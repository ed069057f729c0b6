internal import CKernels

extension Tape {
  /// Σ w[n] · loss[n] over rows: the cross-entropy of logits [N, K] with the target of each row, smoothed as `crossEntropy` has it. The
  /// weights are constants of any sign. A scalar.
  public func crossEntropy(_ logits: Tensor, targets: [Int32], weights: [Float], smoothing: Float = 0) -> Tensor {
    let logits = float32(logits)
    precondition(
      targets.count == logits.rows && weights.count == logits.rows
        && targets.allSatisfy { $0 >= 0 && $0 < logits.columns },
      "crossEntropy: \(targets.count) targets and \(weights.count) weights for logits \(logits.shape)")
    precondition(0..<1 ~= smoothing, "crossEntropy: a smoothing of \(smoothing)")
    let statistics = engine.tensor([2, max(logits.rows, 1)])  // losses, log-sum-exps
    engine.kernels.cross_entropy(
      logits.rows, logits.columns, smoothing, logits.floats, targets, statistics.floats,
      statistics.floats + statistics.columns)
    let total = weights.indices.reduce(0.0) { $0 + Double(weights[$1]) * Double(statistics.floats[$1]) }
    let loss = engine.scalar(Float(total), requiresGradient: tracks(logits))
    if tracks(logits) {
      record(
        WeightedCrossEntropyOperation(
          logits: logits, targets: targets, weights: weights, smoothing: smoothing, statistics: statistics, loss: loss))
    }
    return loss
  }
}

private struct WeightedCrossEntropyOperation: DifferentiableOperation {
  let logits: Tensor, targets: [Int32], weights: [Float], smoothing: Float, statistics: Tensor, loss: Tensor

  func backward(_ engine: Engine) {
    guard let dloss = loss.gradient, let target = engine.gradientTarget(logits) else { return }
    let (columns, logSumExps) = (logits.columns, statistics.floats + statistics.columns)
    targets.withUnsafeBufferPointer { targets in
      guard let targets = targets.baseAddress else { return }
      for rows in runsOfEqual(weights) {
        let first = rows.lowerBound
        engine.kernels.cross_entropy_backward(
          rows.count, columns, smoothing, dloss.value * weights[first], logits.floats + first * columns,
          targets + first, logSumExps + first, target.floats + first * columns, target.accumulate)
      }
    }
  }
}

/// Rows of one weight that stand side by side go to the kernel together.
private func runsOfEqual(_ weights: [Float]) -> [Range<Int>] {
  var runs: [Range<Int>] = []
  for (row, weight) in weights.enumerated() {
    if let last = runs.last, weights[last.lowerBound] == weight {
      runs[runs.count - 1] = last.lowerBound..<row + 1
    } else {
      runs.append(row..<row + 1)
    }
  }
  return runs
}
