internal import CKernels
internal import Glibc

extension Tape {
  /// This rank's share of the symmetric contrastive loss (Radford et al., 2021, fig. 3): the sum over its rows of both
  /// cross-entropies over 2 B, so that the ranks' shares add up to the mean over the global batch.
  ///
  /// - Parameters:
  ///   - image: this rank's image features [b, D], of length one.
  ///   - text: this rank's text features [b, D].
  ///   - allImages: the features of all ranks [B, D], in rank order; the gradient flows into them too.
  ///   - allTexts: likewise.
  ///   - logitScale: the logarithm of the temperature's inverse, a scalar.
  ///   - first: the index of this rank's first pair in the global batch.
  public func contrastiveLoss(
    image: Tensor, text: Tensor, allImages: Tensor, allTexts: Tensor, logitScale: Tensor, first: Int
  ) -> Tensor {
    let count = allImages.rows
    precondition(
      image.shape == text.shape && allImages.shape == allTexts.shape && image.columns == allImages.columns
        && first + image.rows <= count,
      "contrastiveLoss: local \(image.shape) from \(first), global \(allImages.shape)")
    let tracked = tracks(image, text, allImages, allTexts, logitScale)
    let targets = (0..<image.rows).map { Int32(first + $0) }
    let sides = [(image, allTexts), (text, allImages)].map { local, all in
      ContrastiveLossOperation.Side(local: local, all: all, scale: exp(logitScale.value), targets: targets, engine)
    }
    let total = sides.reduce(0.0) { $0 + $1.total }
    let loss = engine.scalar(Float(total / Double(2 * count)), requiresGradient: tracked)
    if tracked {
      record(
        ContrastiveLossOperation(sides: sides, logitScale: logitScale, targets: targets, count: count, loss: loss))
    }
    return loss
  }
}

private struct ContrastiveLossOperation: DifferentiableOperation {
  /// Local rows against the other modality's features of all ranks.
  struct Side {
    let local: Tensor, all: Tensor
    /// scale · local · allᵀ [b, B]
    let logits: Tensor
    let logsumexp: Tensor
    /// Sum of the rows' cross-entropies.
    let total: Double

    init(local: Tensor, all: Tensor, scale: Float, targets: [Int32], _ engine: Engine) {
      (self.local, self.all) = (local, all)
      logits = engine.tensor([local.rows, all.rows])
      logsumexp = engine.tensor([local.rows])
      engine.multiply(
        .init(local.floats, stride: local.columns), .init(all.floats, stride: all.columns, transposed: true),
        into: logits.floats, stride: all.rows, rows: local.rows, columns: all.rows, depth: local.columns, alpha: scale)
      let losses = engine.tensor([local.rows])
      let (logits, logsumexp) = (logits, logsumexp)
      engine.overRows(local.rows, columns: all.rows) { range in
        let first = range.lowerBound
        targets.withUnsafeBufferPointer { targets in
          guard let base = targets.baseAddress else { return }
          engine.kernels.cross_entropy(
            range.count, all.rows, logits.floats + first * all.rows, base + first, losses.floats + first,
            logsumexp.floats + first)
        }
      }
      total = losses.withValues { $0.reduce(0.0) { $0 + Double($1) } }
    }
  }

  let sides: [Side]
  let logitScale: Tensor
  let targets: [Int32]
  /// B
  let count: Int
  let loss: Tensor

  // With dL = (softmax - onehot) / 2B: dlocal = s dL all, dall = s dLᵀ local, dlog s = Σ dL · logits.
  func backward(_ engine: Engine) {
    guard let dloss = loss.gradient else { return }
    let scale = exp(logitScale.value)
    var along = 0.0
    for side in sides {
      let (rows, columns, depth) = (side.local.rows, side.all.rows, side.local.columns)
      let dlogits = engine.tensor([rows, columns])
      engine.kernels.cross_entropy_backward(
        rows, columns, dloss.value / Float(2 * count), side.logits.floats, targets, side.logsumexp.floats,
        dlogits.floats, 0)
      along += engine.kernels.dot(rows * columns, dlogits.floats, side.logits.floats)
      if let target = engine.gradientTarget(side.local) {
        engine.multiply(
          .init(dlogits.floats, stride: columns), .init(side.all.floats, stride: depth), into: target.floats,
          stride: depth, rows: rows, columns: depth, depth: columns, alpha: scale, beta: target.beta)
      }
      if let target = engine.gradientTarget(side.all) {
        engine.multiply(
          .init(dlogits.floats, stride: columns, transposed: true), .init(side.local.floats, stride: depth),
          into: target.floats, stride: depth, rows: columns, columns: depth, depth: rows, alpha: scale,
          beta: target.beta)
      }
    }
    if let target = engine.gradientTarget(logitScale) {
      var value = Float(along)
      engine.kernels.scale(1, 1, &value, target.floats, target.accumulate)
    }
  }
}
