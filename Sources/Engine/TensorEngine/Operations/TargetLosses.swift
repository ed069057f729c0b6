// Losses against targets that are numbers rather than classes. Each is a sum over all elements over `count`: with the count
// of all ranks, the ranks' losses add up to the mean over the global batch.

extension Tape {
  /// Σ (x - target)² / count: x and target [K, F].
  public func squaredError(_ x: Tensor, targets: Tensor, count: Int) -> Tensor {
    elementLoss(.squaredError, x, targets, Double(count))
  }

  /// Σ -(t log σ(x) + (1 - t) log (1 - σ(x))) / count: logits and targets [N, A], targets from 0 to 1. Where the count is that
  /// of the rows this is the mean over all elements times A, as answers with soft scores are learnt.
  public func binaryCrossEntropy(_ logits: Tensor, targets: Tensor, count: Int) -> Tensor {
    elementLoss(.binaryCrossEntropy, logits, targets, Double(count))
  }

  /// Σ -(p t log σ(x) + (1 - t) log (1 - σ(x))) / divisor: the same where what is right counts p[a] times, a number for each
  /// column.
  public func binaryCrossEntropy(
    _ logits: Tensor, targets: Tensor, positiveWeights: [Float], divisor: Double
  ) -> Tensor {
    precondition(
      positiveWeights.count == logits.columns, "\(positiveWeights.count) weights of \(logits.columns) columns")
    return elementLoss(.weightedBinaryCrossEntropy(positiveWeights), logits, targets, divisor)
  }

  /// Σ -t log softmax(x) / divisor: logits and targets [N, C], where the targets of a row may be shares of several classes and
  /// need not add up to one, as those of smoothed labels and of weighted classes do.
  public func crossEntropy(_ logits: Tensor, targets: Tensor, divisor: Double) -> Tensor {
    elementLoss(.crossEntropy, logits, targets, divisor)
  }

  /// Σ t (log t - log softmax(x)) / count, the Kullback-Leibler divergence of the softmax of each row of logits [K, C] from
  /// its distribution t. Where the count is that of the rows it is summed over classes.
  public func divergence(_ logits: Tensor, targets: Tensor, count: Int) -> Tensor {
    elementLoss(.divergence, logits, targets, Double(count))
  }

  func elementLoss(_ kind: RowLoss, _ x: Tensor, _ targets: Tensor, _ divisor: Double) -> Tensor {
    let x = float32(x)
    precondition(
      x.shape == targets.shape && divisor > 0, "a loss of \(x.shape) against \(targets.shape) over \(divisor)")
    let total = (0..<x.rows).reduce(0.0) { $0 + kind.loss(x.row($1), targets.row($1)) }
    let loss = engine.scalar(Float(total / divisor), requiresGradient: tracks(x))
    if tracks(x) { record(ElementLossOperation(kind: kind, x: x, targets: targets, divisor: divisor, loss: loss)) }
    return loss
  }
}

private struct ElementLossOperation: DifferentiableOperation {
  let kind: RowLoss
  let x: Tensor, targets: Tensor, divisor: Double, loss: Tensor

  func backward(_ engine: Engine) {
    guard let dloss = loss.gradient, let target = engine.zeroedGradientTarget(x) else { return }
    let factor = dloss.value / Float(divisor)
    engine.overRows(x.rows, columns: x.columns) { rows in
      for row in rows { kind.addGradient(x.row(row), targets.row(row), factor, to: target.tensor.row(row)) }
    }
  }
}
