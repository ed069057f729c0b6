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
    let along = sides.reduce(0.0) { sum, side in
      sum + side.backward(scale: scale, factor: dloss.value / Float(2 * count), targets: targets, engine)
    }
    if let target = engine.gradientTarget(logitScale) {
      var value = Float(along)
      engine.kernels.scale(1, 1, &value, target.floats, target.accumulate)
    }
  }

  /// Local rows against the other modality's features of all ranks. The logits [b, B] exist some rows at a time only, and
  /// are computed again for the backward pass: memory grows with B, not with its square (Cheng et al., "Breaking the
  /// Memory Barrier", 2024, tiles in the same way).
  struct Side {
    let local: Tensor, all: Tensor
    let logsumexp: Tensor
    /// Sum of the rows' cross-entropies.
    private(set) var total = 0.0

    init(local: Tensor, all: Tensor, scale: Float, targets: [Int32], _ engine: Engine) {
      (self.local, self.all) = (local, all)
      logsumexp = engine.tensor([local.rows])
      let losses = engine.tensor([local.rows])
      forEachTile { rows in
        let logits = logits(rows, scale, engine)
        engine.overRows(rows.count, columns: all.rows) { part in
          let first = rows.lowerBound + part.lowerBound
          targets.withUnsafeBufferPointer { targets in
            guard let base = targets.baseAddress else { return }
            engine.kernels.cross_entropy(
              part.count, all.rows, logits.floats + part.lowerBound * all.rows, base + first, losses.floats + first,
              logsumexp.floats + first)
          }
        }
      }
      total = losses.withValues { $0.reduce(0.0) { $0 + Double($1) } }
    }

    /// - Parameter factor: dloss / 2B.
    /// - Returns: Σ dL · logits.
    func backward(scale: Float, factor: Float, targets: [Int32], _ engine: Engine) -> Double {
      var along = 0.0
      let (dlocal, dall) = (engine.gradientTarget(local), engine.gradientTarget(all))
      forEachTile { rows in
        let logits = logits(rows, scale, engine)
        let dlogits = gradient(of: logits, rows, factor, targets, engine)
        along += engine.kernels.dot(logits.count, dlogits.floats, logits.floats)
        multiply(dlogits, rows, scale, dlocal, dall, engine)
      }
      return along
    }

    /// Rows of logits that are held at once: 4 MiB of them, the most that stay in a cache. One tile, without rows, where
    /// there are none: its products still write the gradients.
    private func forEachTile(_ body: (Range<Int>) -> Void) {
      let rows = max(16, (1 << 20) / max(all.rows, 1))
      if local.rows == 0 { body(0..<0) }
      for first in stride(from: 0, to: local.rows, by: rows) { body(first..<min(local.rows, first + rows)) }
    }

    /// scale · local · allᵀ for some rows.
    private func logits(_ rows: Range<Int>, _ scale: Float, _ engine: Engine) -> Tensor {
      let (made, depth) = (engine.tensor([rows.count, all.rows]), local.columns)
      engine.multiply(
        .init(local.floats + rows.lowerBound * depth, stride: depth),
        .init(all.floats, stride: depth, transposed: true),
        into: made.floats, stride: all.rows, rows: rows.count, columns: all.rows, depth: depth, alpha: scale)
      return made
    }

    private func gradient(
      of logits: Tensor, _ rows: Range<Int>, _ factor: Float, _ targets: [Int32], _ engine: Engine
    ) -> Tensor {
      let made = engine.tensor(logits.shape)
      engine.overRows(rows.count, columns: all.rows) { part in
        let (first, start) = (rows.lowerBound + part.lowerBound, part.lowerBound * all.rows)
        targets.withUnsafeBufferPointer { targets in
          guard let base = targets.baseAddress else { return }
          engine.kernels.cross_entropy_backward(
            part.count, all.rows, factor, logits.floats + start, base + first, logsumexp.floats + first,
            made.floats + start, 0)
        }
      }
      return made
    }

    /// dlocal and dall from some rows of dL; the rows before have begun dall.
    private func multiply(
      _ dlogits: Tensor, _ rows: Range<Int>, _ scale: Float, _ dlocal: GradientTarget?, _ dall: GradientTarget?,
      _ engine: Engine
    ) {
      let (columns, depth, start) = (all.rows, local.columns, rows.lowerBound * local.columns)
      if let dlocal {
        engine.multiply(
          .init(dlogits.floats, stride: columns), .init(all.floats, stride: depth), into: dlocal.floats + start,
          stride: depth, rows: rows.count, columns: depth, depth: columns, alpha: scale, beta: dlocal.beta)
      }
      if let dall {
        engine.multiply(
          .init(dlogits.floats, stride: columns, transposed: true), .init(local.floats + start, stride: depth),
          into: dall.floats, stride: depth, rows: columns, columns: depth, depth: rows.count, alpha: scale,
          beta: rows.lowerBound > 0 ? 1 : dall.beta)
      }
    }
  }
}
