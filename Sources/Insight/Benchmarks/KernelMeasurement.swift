internal import CKernels
internal import Reporting
public import TensorEngine

/// A fused kernel's traffic with memory: bytes that it must read and write, over the time it takes.
public struct KernelMeasurement: Sendable {
  public let name: String
  public let gigabytesPerSecond: Double
}

/// Times the kernels of a training step on one core, on arrays that no cache holds. The first is the yardstick, a triad
/// (y += c x): what is near it waits for memory, what is far below it computes.
public func measureKernels(_ engine: Engine) -> [KernelMeasurement] {
  let arrays = KernelArrays(engine)
  return (arrays.streams + arrays.norms + arrays.updates).map { name, bytesPerElement, run in
    KernelMeasurement(
      name: name,
      gigabytesPerSecond: Double(KernelArrays.count) * bytesPerElement / shortest(of: 5, run) * 1e-9)
  }
}

private func shortest(of repetitions: Int, _ run: () -> Void) -> Double {
  (0...repetitions).map { _ in
    let start = monotonicSeconds()
    run()
    return monotonicSeconds() - start
  }.dropFirst().min() ?? 0
}

/// Four arrays of 64 MiB as matrices of 1,024 columns, and what the kernels need beside them.
private struct KernelArrays {
  static let (rows, columns) = (16_384, 1024)
  static let count = rows * columns
  typealias Entry = (name: String, bytesPerElement: Double, run: () -> Void)

  let kernels: mmk_kernels
  let a: Tensor, b: Tensor, c: Tensor, d: Tensor
  /// A row's worth: weights, biases and their gradients.
  let row: Tensor, otherRow: Tensor
  /// A number a row.
  let means: Tensor, deviations: Tensor

  init(_ engine: Engine) {
    kernels = engine.kernels
    func filled(_ shape: [Int]) -> Tensor {
      let made = engine.zeros(shape)
      for index in 0..<made.count { made.floats[index] = Float(index % 17) / 16 - 0.4 }
      return made
    }
    let shape = [Self.rows, Self.columns]
    (a, b, c, d) = (filled(shape), filled(shape), filled(shape), filled(shape))
    (row, otherRow) = (filled([Self.columns]), filled([Self.columns]))
    (means, deviations) = (filled([Self.rows]), filled([Self.rows]))
  }

  /// Bytes an element: 4 for each array that is read or written.
  var streams: [Entry] {
    let (rows, columns, count) = (Self.rows, Self.columns, Self.count)
    return [
      ("triad: y += c x", 12, { kernels.scale(count, 0.5, a.floats, b.floats, 1) }),
      (
        "bias, quick GELU", 12,
        { kernels.bias_activation(MMK_QUICK_GELU, rows, columns, row.floats, a.floats, b.floats) }
      ),
      (
        "GELU (erf) again and its gradient", 16,
        { kernels.activation_again(MMK_GELU_ERF, count, a.floats, b.floats, c.floats) }
      ),
      ("sums of columns", 4, { kernels.column_sums(rows, columns, 0, columns, a.floats, row.floats, 0) }),
      ("sum of squares", 4, { _ = kernels.sum_of_squares(count, a.floats) }),
    ]
  }

  var norms: [Entry] {
    let (rows, columns) = (Self.rows, Self.columns)
    return [
      (
        "residual sum, layer norm", 16,
        {
          kernels.layer_norm(
            rows, columns, 1e-5, a.floats, b.floats, c.floats, row.floats, otherRow.floats, d.floats, means.floats,
            deviations.floats)
        }
      ),
      (
        "layer norm, gradient of the input", 16,
        {
          kernels.layer_norm_backward(
            rows, columns, a.floats, row.floats, means.floats, deviations.floats, b.floats, c.floats, d.floats, 0)
        }
      ),
      (
        "layer norm, gradient of weight and bias", 8,
        {
          kernels.layer_norm_backward_parameters(
            rows, columns, 0, columns, a.floats, means.floats, deviations.floats, b.floats, row.floats,
            otherRow.floats, 0)
        }
      ),
    ]
  }

  var updates: [Entry] {
    [
      (
        "AdamW", 28,
        {
          var parameters = mmk_adamw_parameters(
            learning_rate: 1e-4, beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weight_decay: 0.1, gradient_scale: 1,
            bias_correction1: 0.5, bias_correction2: 0.5)
          kernels.adamw(Self.count, &parameters, a.floats, b.floats, c.floats, d.floats, nil)
        }
      )
    ]
  }
}
