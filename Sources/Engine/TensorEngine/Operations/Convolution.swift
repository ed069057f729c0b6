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
  /// - Parameter isTapsFirst: the weight is [O, K, K, I] already; only for x [B, H, W, I].
  public func convolution(
    _ x: Tensor, weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: WindowPadding,
    layout: ImageLayout = .channelsLast, isTapsFirst: Bool = false, activation: Activation = .none,
    keepsFloat32: Bool = false
  ) -> Tensor {
    let kernel = weight.shape[2]
    let isProduct = kernel == 1 && stride == 1 && layout == .channelsLast
    let rows = isProduct ? x : unfold(x, kernel: kernel, stride: stride, padding: padding, layout: layout)
    // Where channels lie side by side they are copied side by side, many times faster than one by one.
    let reorders = layout == .channelsLast && kernel > 1 && !isTapsFirst
    return linear(
      rows, weight: reorders ? tapsFirst(weight) : weight, bias: bias, activation: activation,
      keepsFloat32: keepsFloat32)
  }

  /// The numbers that each window covers: y [B, H', W', C K K], or [B, H', W', K K C] of x [B, H, W, C].
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

  /// weight [O, I, K, K] → [O, K, K, I]
  private func tapsFirst(_ weight: Tensor) -> Tensor {
    let (inputs, kernel) = (weight.shape[1], weight.shape[2])
    let y = engine.tensor([weight.shape[0], kernel, kernel, inputs], requiresGradient: tracks(weight))
    let operation = TapsFirstOperation(weight: weight, y: y)
    operation.forward(engine)
    if tracks(weight) { record(operation) }
    return y
  }
}

private struct TapsFirstOperation: DifferentiableOperation {
  let weight: Tensor, y: Tensor

  private var inputs: Int { weight.shape[1] }
  private var taps: Int { weight.shape[2] * weight.shape[3] }

  func forward(_ engine: Engine) {
    let (source, target) = (weight.floats, y.floats)
    overPlaces(engine) { target[$1] = source[$0] }
  }

  func backward(_ engine: Engine) {
    guard let dy = y.gradient, let target = engine.zeroedGradientTarget(weight) else { return }
    let (source, sum) = (dy.floats, target.floats)
    overPlaces(engine) { sum[$0] += source[$1] }
  }

  /// Calls `body` with the places of each number in the weight and in y.
  private func overPlaces(_ engine: Engine, _ body: (_ own: Int, _ other: Int) -> Void) {
    let (inputs, taps) = (inputs, taps)
    engine.overRows(y.shape[0], columns: inputs * taps) { outputs in
      for output in outputs {
        let start = output * inputs * taps
        for tap in 0..<taps {
          for input in 0..<inputs { body(start + input * taps + tap, start + tap * inputs + input) }
        }
      }
    }
  }
}

private struct UnfoldOperation: DifferentiableOperation {
  let windows: Windows, layout: ImageLayout
  let x: Tensor, y: Tensor

  /// Floats from one channel, row and column of planes to the next.
  private var strides: [Int] { [windows.area, windows.width, 1] }
  private var imageCount: Int { windows.area * windows.channels }

  func forward(_ engine: Engine) {
    let (given, strides) = (windows.form, strides)
    engine.overRows(windows.images * windows.outHeight, columns: windows.outWidth * y.columns) { range in
      var form = given  // each thread its own: inout access is exclusive
      for row in range {
        let first = row % windows.outHeight * windows.outWidth
        let source = x.floats + row / windows.outHeight * imageCount
        let target = y.floats + row * windows.outWidth * y.columns
        switch layout {
        case .channelsLast: engine.kernels.unfold_places(&form, first, windows.outWidth, source, target)
        case .channelsFirst: engine.kernels.unfold(&form, strides, first, windows.outWidth, source, target)
        }
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
        let source = dy.floats + image * windows.outArea * y.columns
        let sum = target.floats + image * imageCount
        switch layout {
        case .channelsLast: engine.kernels.fold_places(&form, source, sum)
        case .channelsFirst: engine.kernels.fold(&form, strides, source, sum)
        }
      }
    }
  }
}
