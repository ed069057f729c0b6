internal import CKernels
internal import Glibc

/// Where an operation's backward pass puts one input's gradient.
///
/// The rule of the whole engine: the first gradient to arrive at a tensor overwrites, later ones add. Parameters'
/// gradients live in an arena; there, "first" means first since the arena was marked stale at the start of the step.
package struct GradientTarget {
  package let tensor: Tensor
  /// Whether to add to what is there.
  package let accumulates: Bool

  package var floats: UnsafeMutablePointer<Float> { tensor.floats }
  /// As BLAS' beta.
  var beta: Float { accumulates ? 1 : 0 }
  /// As the kernels' flag.
  package var accumulate: Int32 { accumulates ? 1 : 0 }
}

extension Engine {
  /// The place for the gradient of `tensor`, or nil where none is wanted. The caller writes every element.
  package func gradientTarget(_ tensor: Tensor) -> GradientTarget? {
    guard tensor.requiresGradient else { return nil }
    guard let present = tensor.gradient else {
      let made = self.tensor(tensor.shape)
      tensor.gradient = made
      return GradientTarget(tensor: made, accumulates: false)
    }
    if tensor.gradientIsStale {
      tensor.gradientIsStale = false
      return GradientTarget(tensor: present, accumulates: false)
    }
    return GradientTarget(tensor: unshared(present, of: tensor), accumulates: true)
  }

  /// The same, zeroed first where it would overwrite, for operations that touch only some elements.
  package func zeroedGradientTarget(_ tensor: Tensor) -> GradientTarget? {
    guard let target = gradientTarget(tensor) else { return nil }
    if !target.accumulates {
      let columns = tensor.columns
      overRows(tensor.rows, columns: columns) { rows in
        memset(target.floats + rows.lowerBound * columns, 0, rows.count * columns * 4)
      }
    }
    return GradientTarget(tensor: target.tensor, accumulates: true)
  }

  /// Adds a whole gradient. Where it is the first to arrive it is taken as it is, without a copy; two tensors may then
  /// hold the same one until either is added to.
  package func addGradient(_ gradient: Tensor, to tensor: Tensor) {
    guard tensor.requiresGradient else { return }
    if tensor.gradient == nil {
      gradient.isSharedGradient = true
      tensor.gradient = gradient
      return
    }
    guard let target = gradientTarget(tensor) else { return }
    let columns = tensor.columns
    overRows(tensor.rows, columns: columns) { rows in
      let start = rows.lowerBound * columns
      kernels.scale(rows.count * columns, 1, gradient.floats + start, target.floats + start, target.accumulate)
    }
  }

  /// A gradient that nobody else holds: what `addGradient` let two tensors share is copied before it is added to.
  private func unshared(_ present: Tensor, of tensor: Tensor) -> Tensor {
    guard present.isSharedGradient else { return present }
    let copy = self.tensor(tensor.shape)
    memcpy(copy.floats, present.floats, copy.count * 4)
    tensor.gradient = copy
    return copy
  }
}
