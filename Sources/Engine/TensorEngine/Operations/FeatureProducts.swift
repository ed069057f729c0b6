/// What losses over pairs are made of: scale · local · allᵀ, this rank's features [b, D] against the other modality's of
/// all ranks [B, D]. The products [b, B] exist some rows at a time only, and are computed again for the backward pass:
/// memory grows with B, not with its square (Cheng et al., "Breaking the Memory Barrier", 2024, tiles in the same way).
struct FeatureProducts {
  let local: Tensor, all: Tensor
  let scale: Float

  /// Rows that are held at once: 4 MiB of them, the most that stay in a cache. One tile, without rows, where there are
  /// none: its products still write the gradients.
  func forEachTile(_ body: (Range<Int>) -> Void) {
    let rows = max(16, (1 << 20) / max(all.rows, 1))
    if local.rows == 0 { body(0..<0) }
    for first in stride(from: 0, to: local.rows, by: rows) { body(first..<min(local.rows, first + rows)) }
  }

  /// The products of some rows.
  func tile(_ rows: Range<Int>, _ engine: Engine) -> Tensor {
    let (made, depth) = (engine.tensor([rows.count, all.rows]), local.columns)
    engine.multiply(
      .init(local.floats + rows.lowerBound * depth, stride: depth),
      .init(all.floats, stride: depth, transposed: true),
      into: made.floats, stride: all.rows, rows: rows.count, columns: all.rows, depth: depth, alpha: scale)
    return made
  }

  /// Where the gradients of both factors go.
  struct Gradients {
    let local: GradientTarget?, all: GradientTarget?

    init(of products: FeatureProducts, _ engine: Engine) {
      (local, all) = (engine.gradientTarget(products.local), engine.gradientTarget(products.all))
    }
  }

  // With P = s local allᵀ: dlocal = s dP all, dall = s dPᵀ local.

  /// From some rows of dP; the rows before have begun `gradients.all`.
  func backward(_ dproducts: Tensor, _ rows: Range<Int>, _ gradients: Gradients, _ engine: Engine) {
    let (columns, depth, start) = (all.rows, local.columns, rows.lowerBound * local.columns)
    if let dlocal = gradients.local {
      engine.multiply(
        .init(dproducts.floats, stride: columns), .init(all.floats, stride: depth), into: dlocal.floats + start,
        stride: depth, rows: rows.count, columns: depth, depth: columns, alpha: scale, beta: dlocal.beta)
    }
    if let dall = gradients.all {
      engine.multiply(
        .init(dproducts.floats, stride: columns, transposed: true), .init(local.floats + start, stride: depth),
        into: dall.floats, stride: depth, rows: columns, columns: depth, depth: rows.count, alpha: scale,
        beta: rows.lowerBound > 0 ? 1 : dall.beta)
    }
  }
}
