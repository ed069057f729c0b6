internal import CKernels
internal import Glibc

extension Tape {
  /// This rank's share of the sigmoid loss (Zhai et al., "Sigmoid Loss for Language Image Pre-Training", 2023, eq. 1):
  /// the sum over its images and all texts of -log σ(z (t x·y + b)) over B, with z = 1 where image and text are a pair
  /// and -1 elsewhere, so that the ranks' shares add up to the loss of the global batch.
  ///
  /// - Parameters:
  ///   - image: this rank's image features [b, D], of length one.
  ///   - allTexts: the text features of all ranks [B, D], in rank order; the gradient flows into them too.
  ///   - logitScale: the logarithm of t, a scalar.
  ///   - logitBias: b, a scalar.
  ///   - first: the index of this rank's first pair in the global batch.
  public func sigmoidLoss(
    image: Tensor, allTexts: Tensor, logitScale: Tensor, logitBias: Tensor, first: Int
  ) -> Tensor {
    precondition(
      image.columns == allTexts.columns && first + image.rows <= allTexts.rows,
      "sigmoidLoss: local \(image.shape) from \(first), global \(allTexts.shape)")
    let tracked = tracks(image, allTexts, logitScale, logitBias)
    let products = FeatureProducts(local: image, all: allTexts, scale: exp(logitScale.value))
    let rows = SigmoidRows(products: products, bias: logitBias.value, first: first)
    let loss = engine.scalar(Float(rows.loss(engine) / Double(allTexts.rows)), requiresGradient: tracked)
    if tracked {
      record(SigmoidLossOperation(rows: rows, logitScale: logitScale, logitBias: logitBias, loss: loss))
    }
    return loss
  }
}

private struct SigmoidLossOperation: DifferentiableOperation {
  let rows: SigmoidRows
  let logitScale: Tensor, logitBias: Tensor
  let loss: Tensor

  // With dL = -z σ(-z logit) / B: db = Σ dL, dlog t = Σ dL · (t x·y), and the features' gradients from dL.
  func backward(_ engine: Engine) {
    guard let dloss = loss.gradient else { return }
    let sums = rows.backward(factor: dloss.value / Float(rows.products.all.rows), engine)
    for (sum, parameter) in [(sums.along, logitScale), (sums.total, logitBias)] {
      guard let target = engine.gradientTarget(parameter) else { continue }
      var value = Float(sum)
      engine.kernels.scale(1, 1, &value, target.floats, target.accumulate)
    }
  }
}

/// Local images against the texts of all ranks, a tile of logits at a time.
private struct SigmoidRows {
  let products: FeatureProducts
  let bias: Float
  let first: Int

  private var columns: Int { products.all.rows }

  /// The sum over all pairs.
  func loss(_ engine: Engine) -> Double {
    var total = 0.0
    products.forEachTile { rows in
      let tile = products.tile(rows, engine)
      total += sum(rows, engine) { part, sums in
        engine.kernels.sigmoid_loss(
          part.count, columns, first + rows.lowerBound + part.lowerBound, bias,
          tile.floats + part.lowerBound * columns, sums)
      }
    }
    return total
  }

  /// Puts the features' gradients in place.
  /// - Parameter factor: dloss / B.
  /// - Returns: Σ dL · products and Σ dL.
  func backward(factor: Float, _ engine: Engine) -> (along: Double, total: Double) {
    var (along, total) = (0.0, 0.0)
    let gradients = FeatureProducts.Gradients(of: products, engine)
    products.forEachTile { rows in
      let tile = products.tile(rows, engine)
      let dtile = engine.tensor(tile.shape)
      total += sum(rows, engine) { part, sums in
        let start = part.lowerBound * columns
        engine.kernels.sigmoid_loss_backward(
          part.count, columns, first + rows.lowerBound + part.lowerBound, bias, factor, tile.floats + start,
          dtile.floats + start, sums)
      }
      along += engine.kernels.dot(tile.count, dtile.floats, tile.floats)
      products.backward(dtile, rows, gradients, engine)
    }
    return (along, total)
  }

  /// Runs `body` over the rows of a tile on all threads and adds up what it says of each, in order.
  private func sum(
    _ rows: Range<Int>, _ engine: Engine, _ body: (_ part: Range<Int>, _ sums: UnsafeMutablePointer<Double>) -> Void
  ) -> Double {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: max(rows.count, 1)) { sums in
      guard let base = sums.baseAddress else { return 0 }
      engine.overRows(rows.count, columns: columns) { part in body(part, base + part.lowerBound) }
      return sums.prefix(rows.count).reduce(0, +)
    }
  }
}
