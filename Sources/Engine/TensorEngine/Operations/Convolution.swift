internal import CKernels
internal import Glibc

/// How an image's numbers lie in memory.
public enum ImageLayout: Sendable {
  /// [B, H, W, C]: what all operations make.
  case channelsLast
  /// [B, C, H, W]: what images are loaded as.
  case channelsFirst
}

extension Tape {
  /// A convolution over all channels, with zeros around the image, as one matrix product: x [B, H, W, I] or
  /// [B, I, H, W], weight [O, I, K, K], bias [O]; y [B, H', W', O].
  public func convolution(
    _ x: Tensor, weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: WindowPadding,
    layout: ImageLayout = .channelsLast, activation: Activation = .none, keepsFloat32: Bool = false
  ) -> Tensor {
    let kernel = weight.shape[3]
    let isProduct = kernel == 1 && stride == 1 && layout == .channelsLast
    let rows = isProduct ? x : unfold(x, kernel: kernel, stride: stride, padding: padding, layout: layout)
    return linear(rows, weight: weight, bias: bias, activation: activation, keepsFloat32: keepsFloat32)
  }

  /// The numbers that each window covers, channel by channel: y [B, H', W', C K K].
  private func unfold(_ x: Tensor, kernel: Int, stride: Int, padding: WindowPadding, layout: ImageLayout) -> Tensor {
    let x = float32(x)
    let shape = layout == .channelsLast ? x.shape : [x.shape[0], x.shape[2], x.shape[3], x.shape[1]]
    let windows = Windows(shape, kernel: kernel, stride: stride, padding: padding)
    let y = engine.tensor(
      [windows.images, windows.outHeight, windows.outWidth, windows.channels * windows.taps],
      requiresGradient: tracks(x))
    let operation = UnfoldOperation(windows: windows, layout: layout, x: x, y: y)
    operation.forward(engine)
    if tracks(x) { record(operation) }
    return y
  }
}

private struct UnfoldOperation: DifferentiableOperation {
  let windows: Windows, layout: ImageLayout
  let x: Tensor, y: Tensor

  /// Floats from one channel, row and column to the next.
  private var strides: [Int] {
    switch layout {
    case .channelsLast: [1, windows.width * windows.channels, windows.channels]
    case .channelsFirst: [windows.area, windows.width, 1]
    }
  }
  private var imageCount: Int { windows.area * windows.channels }

  func forward(_ engine: Engine) {
    let (given, strides) = (windows.form, strides)
    engine.overRows(windows.images * windows.outHeight, columns: windows.outWidth * y.columns) { range in
      var form = given  // each thread its own: inout access is exclusive
      for row in range {
        let (image, line) = (row / windows.outHeight, row % windows.outHeight)
        engine.kernels.unfold(
          &form, strides, line * windows.outWidth, windows.outWidth, x.floats + image * imageCount,
          y.floats + row * windows.outWidth * y.columns)
      }
    }
  }

  // Windows overlap, so an image's gradient is added up by one thread.
  func backward(_ engine: Engine) {
    guard let dy = y.gradient, let target = engine.zeroedGradientTarget(x) else { return }
    let (given, strides) = (windows.form, strides)
    engine.overRows(windows.images, columns: windows.outArea * y.columns) { range in
      var form = given
      for image in range {
        engine.kernels.fold(
          &form, strides, dy.floats + image * windows.outArea * y.columns, target.floats + image * imageCount)
      }
    }
  }
}
