internal import CKernels
internal import Glibc

/// s B A, which is added to some rows of a weight W [O, I]: A [r, I], B [o, r] (Hu et al., "LoRA: Low-Rank Adaptation of
/// Large Language Models", 2022).
///
/// A weight that has updates is multiplied as W + s B A, made once a tape: a step then takes the products of any linear layer,
/// and thin ones for the gradients of A and B. Where W itself learns nothing, none is taken for it.
package struct LowRankUpdate {
  // A parameter whose gradient can still arrive is held by operations alone: that is how an arena knows when it is final.
  unowned let a: Tensor
  unowned let b: Tensor
  let scale: Float
  /// Where its rows begin among those of the weight.
  let firstRow: Int

  package init(a: Tensor, b: Tensor, scale: Float, firstRow: Int) {
    precondition(b.columns == a.rows, "an update of A \(a.shape) and B \(b.shape)")
    (self.a, self.b, self.scale, self.firstRow) = (a, b, scale, firstRow)
  }
}

extension Tensor {
  /// Whether a backward pass has to reach it, or an update of it.
  var isLearnt: Bool { requiresGradient || updates.contains { $0.a.requiresGradient || $0.b.requiresGradient } }
}

extension Engine {
  /// W + s B A as a matrix [O, I] of its own, fp32.
  func merged(_ weight: Tensor) -> Tensor {
    let made = tensor([weight.shape[0], weight.count / weight.shape[0]])
    overRows(made.rows, columns: made.columns) { range in
      let start = range.lowerBound * made.columns
      memcpy(made.floats + start, weight.floats + start, range.count * made.columns * 4)
    }
    for update in weight.updates {
      precondition(
        update.a.columns == made.columns && update.firstRow + update.b.rows <= made.rows,
        "an update of A \(update.a.shape) and B \(update.b.shape) from row \(update.firstRow) of \(weight.shape) on")
      multiply(
        .init(update.b.floats, stride: update.b.columns), .init(update.a.floats, stride: made.columns),
        into: made.floats + update.firstRow * made.columns, stride: made.columns, rows: update.b.rows,
        columns: made.columns, depth: update.a.rows, alpha: update.scale, beta: 1)
    }
    return made
  }
}

/// An update as an operation holds it until its gradient is taken.
struct HeldUpdate {
  let a: Tensor, b: Tensor
  let scale: Float
  let firstRow: Int
  /// A and B as they are multiplied.
  let factors: (a: Tensor, b: Tensor)

  init(_ update: LowRankUpdate, _ tape: Tape) {
    (a, b, scale, firstRow) = (update.a, update.b, update.scale, update.firstRow)
    factors = (tape.factor(weight: a), tape.factor(weight: b))
  }

  // With y = x (W + s B A)ᵀ, of whose columns these are dpre: dB = dpreᵀ (s x Aᵀ); dA = (s dpre B)ᵀ x.
  func backward(dpre: Tensor, x: Tensor, _ engine: Engine) {
    let columns = firstRow..<firstRow + b.rows
    if let target = engine.gradientTarget(b) {
      let thin = scaled(Factor(x), Factor(factors.a, transposed: true), engine)
      engine.multiply(
        Factor(dpre, columns: columns, transposed: true), Factor(thin), into: target.tensor,
        accumulates: target.accumulates)
    }
    if let target = engine.gradientTarget(a) {
      let thin = scaled(Factor(dpre, columns: columns), Factor(factors.b), engine)
      engine.multiply(Factor(thin, transposed: true), Factor(x), into: target.tensor, accumulates: target.accumulates)
    }
  }

  /// s times a product with r columns, as it is multiplied in turn.
  private func scaled(_ left: Factor, _ right: Factor, _ engine: Engine) -> Tensor {
    let product = engine.tensor([left.rows, right.columns])
    engine.multiply(left, right, into: product)
    engine.overRows(product.rows, columns: product.columns) { range in
      let start = range.lowerBound * product.columns
      engine.kernels.scale(range.count * product.columns, scale, product.floats + start, product.floats + start, 0)
    }
    return engine.precision == .bf16 ? engine.bfloat16(product) : product
  }
}
