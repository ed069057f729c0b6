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
    let along = sides.reduce(0.0) { sum, side in
      sum + side.backward(factor: dloss.value / Float(2 * count), targets: targets, engine)
    }
    if let target = engine.gradientTarget(logitScale) {
      var value = Float(along)
      engine.kernels.scale(1, 1, &value, target.floats, target.accumulate)
    }
  }

  /// Local rows against the other modality's features of all ranks.
  struct Side {
    let products: FeatureProducts
    let logsumexp: Tensor
    /// Sum of the rows' cross-entropies.
    private(set) var total = 0.0

    private var columns: Int { products.all.rows }

    init(local: Tensor, all: Tensor, scale: Float, targets: [Int32], _ engine: Engine) {
      products = FeatureProducts(local: local, all: all, scale: scale)
      logsumexp = engine.tensor([local.rows])
      let losses = engine.tensor([local.rows])
      products.forEachTile { rows in
        let logits = products.tile(rows, engine)
        engine.overRows(rows.count, columns: columns) { part in
          let first = rows.lowerBound + part.lowerBound
          targets.withUnsafeBufferPointer { targets in
            guard let base = targets.baseAddress else { return }
            engine.kernels.cross_entropy(
              part.count, columns, 0, logits.floats + part.lowerBound * columns, base + first, losses.floats + first,
              logsumexp.floats + first)
          }
        }
      }
      total = losses.withValues { $0.reduce(0.0) { $0 + Double($1) } }
    }

    /// - Parameter factor: dloss / 2B.
    /// - Returns: Σ dL · logits.
    func backward(factor: Float, targets: [Int32], _ engine: Engine) -> Double {
      var along = 0.0
      let gradients = FeatureProducts.Gradients(of: products, engine)
      products.forEachTile { rows in
        let logits = products.tile(rows, engine)
        let dlogits = gradient(of: logits, rows, factor, targets, engine)
        along += engine.kernels.dot(logits.count, dlogits.floats, logits.floats)
        products.backward(dlogits, rows, gradients, engine)
      }
      return along
    }

    private func gradient(
      of logits: Tensor, _ rows: Range<Int>, _ factor: Float, _ targets: [Int32], _ engine: Engine
    ) -> Tensor {
      let made = engine.tensor(logits.shape)
      engine.overRows(rows.count, columns: columns) { part in
        let (first, start) = (rows.lowerBound + part.lowerBound, part.lowerBound * columns)
        targets.withUnsafeBufferPointer { targets in
          guard let base = targets.baseAddress else { return }
          engine.kernels.cross_entropy_backward(
            part.count, columns, 0, factor, logits.floats + start, base + first, logsumexp.floats + first,
            made.floats + start, 0)
        }
      }
      return made
    }
  }
}
