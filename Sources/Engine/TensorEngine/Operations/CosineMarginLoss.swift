internal import CKernels

/// Which pairs of the global batch belong together, and how many of each kind there are.
public struct PairRelations: Sendable {
  /// The related texts of each of this rank's images, as places in the global batch, ascending.
  public let texts: [[Int]]
  /// Over the global batch.
  public let relatedCount: Int
  public let unrelatedCount: Int

  public init(texts: [[Int]], relatedCount: Int, unrelatedCount: Int) {
    (self.texts, self.relatedCount, self.unrelatedCount) = (texts, relatedCount, unrelatedCount)
  }
}

extension Tape {
  /// This rank's share of the cosine loss with a margin: the mean over all related pairs of 1 - cos, plus the mean over all
  /// unrelated ones of max(0, cos - m). The ranks' shares add up to the loss of the global batch.
  ///
  /// - Parameters:
  ///   - image: this rank's image features [b, D], of length one.
  ///   - allTexts: the text features of all ranks [B, D], in rank order; the gradient flows into them too.
  ///   - margin: m; at -1 nothing is clamped.
  public func cosineMarginLoss(image: Tensor, allTexts: Tensor, _ relations: PairRelations, margin: Float) -> Tensor {
    precondition(
      image.columns == allTexts.columns && relations.texts.count == image.rows,
      "cosineMarginLoss: local \(image.shape), global \(allTexts.shape), relations of \(relations.texts.count)")
    let tracked = tracks(image, allTexts)
    let rows = CosineMarginRows(
      products: FeatureProducts(local: image, all: allTexts, scale: 1), relations: relations, margin: margin)
    let loss = engine.scalar(Float(rows.loss(engine)), requiresGradient: tracked)
    if tracked { record(CosineMarginLossOperation(rows: rows, loss: loss)) }
    return loss
  }
}

private struct CosineMarginLossOperation: DifferentiableOperation {
  let rows: CosineMarginRows
  let loss: Tensor

  func backward(_ engine: Engine) {
    guard let dloss = loss.gradient else { return }
    rows.backward(dloss.value, engine)
  }
}

/// Local images against the texts of all ranks, a tile of cosines at a time.
private struct CosineMarginRows {
  let products: FeatureProducts
  let relations: PairRelations
  let margin: Float

  private var relatedWeight: Double { 1 / Double(max(relations.relatedCount, 1)) }
  private var unrelatedWeight: Double { 1 / Double(max(relations.unrelatedCount, 1)) }

  func loss(_ engine: Engine) -> Double {
    var (related, unrelated) = (0.0, 0.0)
    products.forEachTile { rows in
      products.tile(rows, engine).withValues { cosines in
        for row in rows {
          let own = cosines[
            (row - rows.lowerBound) * products.all.rows..<(row - rows.lowerBound + 1) * products.all.rows]
          var costs = own.reduce(0.0) { $0 + Double(max(0, $1 - margin)) }
          for text in relations.texts[row] {
            let cosine = own[own.startIndex + text]
            costs -= Double(max(0, cosine - margin))
            related += Double(1 - cosine)
          }
          unrelated += costs
        }
      }
    }
    return related * relatedWeight + unrelated * unrelatedWeight
  }

  // With dcos = -1/related for related pairs, 1/unrelated for the others above the margin, 0 below.
  func backward(_ dloss: Float, _ engine: Engine) {
    let gradients = FeatureProducts.Gradients(of: products, engine)
    let (pull, push) = (-dloss * Float(relatedWeight), dloss * Float(unrelatedWeight))
    let columns = products.all.rows
    products.forEachTile { rows in
      let cosines = products.tile(rows, engine)
      cosines.withMutableValues { values in
        for index in values.indices { values[index] = values[index] > margin ? push : 0 }
        for row in rows {
          for text in relations.texts[row] { values[(row - rows.lowerBound) * columns + text] = pull }
        }
      }
      products.backward(cosines, rows, gradients, engine)
    }
  }
}
