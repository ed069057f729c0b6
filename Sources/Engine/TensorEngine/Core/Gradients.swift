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
      let made = self.tensor(tensor.shape, tensor.elementType)
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
      let (columns, size) = (tensor.columns, tensor.elementType.byteCount)
      overRows(tensor.rows, columns: columns) { rows in
        memset(target.tensor.bytes + rows.lowerBound * columns * size, 0, rows.count * columns * size)
      }
    }
    return GradientTarget(tensor: target.tensor, accumulates: true)
  }

  /// Adds a whole gradient. Where it is the first to arrive it is taken as it is, without a copy; two tensors may then
  /// hold the same one until either is added to. A gradient takes the element type of its tensor.
  package func addGradient(_ gradient: Tensor, to tensor: Tensor) {
    guard tensor.requiresGradient else { return }
    guard gradient.elementType == tensor.elementType else {
      return addGradient(converted(gradient, to: tensor.elementType), to: tensor)
    }
    if tensor.gradient == nil {
      gradient.isSharedGradient = true
      tensor.gradient = gradient
      return
    }
    guard let target = gradientTarget(tensor) else { return }
    let columns = tensor.columns
    overRows(tensor.rows, columns: columns) { rows in
      let (start, count) = (rows.lowerBound * columns, rows.count * columns)
      if tensor.elementType == .bfloat16 {
        kernels.add_bf16(count, gradient.halves + start, target.tensor.halves + start, target.tensor.halves + start)
      } else {
        kernels.scale(count, 1, gradient.floats + start, target.floats + start, target.accumulate)
      }
    }
  }

  /// A gradient that nobody else holds: what `addGradient` let two tensors share is copied before it is added to.
  private func unshared(_ present: Tensor, of tensor: Tensor) -> Tensor {
    guard present.isSharedGradient else { return present }
    let copy = self.tensor(tensor.shape, tensor.elementType)
    memcpy(copy.bytes, present.bytes, copy.byteCount)
    tensor.gradient = copy
    return copy
  }
}
