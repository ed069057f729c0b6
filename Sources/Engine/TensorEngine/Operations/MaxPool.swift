internal import CKernels

extension Tape {
  /// The largest number of each window and channel, fp32: x [B, H, W, C]; y [B, H', W', C]. Places around the image take no
  /// part.
  public func maxPool(_ x: Tensor, kernel: Int, stride: Int, padding: WindowPadding) -> Tensor {
    let x = float32(x)
    let windows = Windows(x.shape, kernel: kernel, stride: stride, padding: padding)
    let y = engine.tensor(windows.outputShape, requiresGradient: tracks(x))
    let given = windows.form
    engine.overRows(windows.images * windows.outHeight, columns: windows.outWidth * windows.channels) { range in
      var form = given  // each thread its own: inout access is exclusive
      for row in range {
        engine.kernels.max_pool(
          &form, row % windows.outHeight, 1, x.floats + row / windows.outHeight * windows.area * windows.channels,
          y.floats + row * windows.outWidth * windows.channels)
      }
    }
    if tracks(x) { record(MaxPoolOperation(windows: windows, x: x, y: y)) }
    return y
  }
}

private struct MaxPoolOperation: DifferentiableOperation {
  let windows: Windows
  let x: Tensor, y: Tensor

  // The place that was largest takes dy. Windows overlap, so an image's gradient is added up by one thread.
  func backward(_ engine: Engine) {
    guard let dy = y.gradient, let target = engine.zeroedGradientTarget(x) else { return }
    let given = windows.form
    let (sizes, channels) = ((windows.area, windows.outArea), windows.channels)
    engine.overRows(windows.images, columns: windows.outArea * channels) { range in
      var form = given
      for image in range {
        engine.kernels.max_pool_backward(
          &form, x.floats + image * sizes.0 * channels, dy.floats + image * sizes.1 * channels,
          target.floats + image * sizes.0 * channels)
      }
    }
  }
}
