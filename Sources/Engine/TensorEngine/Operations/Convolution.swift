internal import CKernels
internal import COneDNN
internal import Glibc

/// How an image's numbers lie in memory.
public enum ImageLayout: Sendable {
  /// [B, H, W, C]: what all operations make.
  case channelsLast
  /// [B, C, H, W]: what images are loaded as.
  case channelsFirst
}

extension Tape {
  /// A convolution over all channels, with zeros around the image: x [B, H, W, I] or [B, I, H, W], weight [O, I, K, K],
  /// bias [O]; y [B, H', W', O]. oneDNN computes it, or it is one matrix product: see `ProductChoice`.
  /// - Parameters:
  ///   - isTapsFirst: the weight is [O, K, K, I] already; only for x [B, H, W, I].
  ///   - keepsFloat32: y is fp32 whatever the engine's precision; only without an activation.
  public func convolution(
    _ x: Tensor, weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: WindowPadding,
    layout: ImageLayout = .channelsLast, isTapsFirst: Bool = false, activation: Activation = .none,
    keepsFloat32: Bool = false
  ) -> Tensor {
    let kernel = isTapsFirst ? weight.shape[1] : weight.shape[2]
    if kernel == 1, stride > 1, layout == .channelsLast {
      // Windows of single places are rows: once they are gathered, nothing is strided.
      let places = unfold(x, kernel: 1, stride: stride, padding: padding, layout: layout)
      return convolution(
        places, weight: weight, bias: bias, padding: .even(0), isTapsFirst: isTapsFirst, activation: activation,
        keepsFloat32: keepsFloat32)
    }
    if kernel == 1, layout == .channelsLast, !keepsFloat32, !tracks(x, weight, bias),
      let layer = byteLayer(weight, bias, activation)
    {
      return apply(layer, to: x)
    }
    let given = (x: x, weight: weight, isTapsFirst: isTapsFirst, bias: bias)
    let type = keepsFloat32 ? .float32 : engine.activationType
    if let y = direct(given, stride: stride, padding: padding, layout: layout, activation, type) { return y }
    let isProduct = kernel == 1 && layout == .channelsLast
    let rows = isProduct ? x : unfold(x, kernel: kernel, stride: stride, padding: padding, layout: layout)
    // Where channels lie side by side they are copied side by side, many times faster than one by one.
    let reorders = layout == .channelsLast && kernel > 1 && !isTapsFirst
    return product(
      rows, weight: reorders ? tapsFirst(weight) : weight, bias: bias, activation: activation,
      keepsFloat32: keepsFloat32)
  }

  /// By oneDNN; nil where the product is to be taken.
  private func direct(
    _ given: (x: Tensor, weight: Tensor, isTapsFirst: Bool, bias: Tensor?), stride: Int, padding: WindowPadding,
    layout: ImageLayout, _ activation: Activation, _ type: ElementType
  ) -> Tensor? {
    let (weight, bias) = (given.weight, given.bias)
    let tracked = tracks(given.x, weight, bias)
    guard layout == .channelsLast || !tracks(given.x) else { return nil }
    let x = layout == .channelsLast ? given.x : engine.channelsLast(float32(given.x))
    let kernel = weight.shape[given.isTapsFirst ? 1 : 2]
    let windows = Windows(x.shape, kernel: kernel, stride: stride, padding: padding)
    let fused = tracked ? nil : activation.ofConvolution
    let finish = DirectConvolution.Finish(bias: bias, activation: fused ?? MMD_IDENTITY, type: type)
    guard let convolution = DirectConvolution(windows, outputs: weight.shape[0], weight: weight, finish, engine),
      !tracked || kernel == 1 || convolution.hasGradients(of: x)
    else { return nil }
    let shape = [windows.images, windows.outHeight, windows.outWidth, weight.shape[0]]
    let y = engine.tensor(shape, type, requiresGradient: tracked)
    let read = convolution.read(x)
    convolution.forward(read, weight, isTapsFirst: given.isTapsFirst, finish, arrangedWeights, into: y)
    if tracked {
      record(
        DirectConvolutionOperation(
          convolution: convolution, x: x, read: read, weight: weight, isTapsFirst: given.isTapsFirst, bias: bias, y: y,
          product: kernel == 1 ? AffineMap(x, read: read, weight: weight, bias: bias, self) : nil))
    }
    return activation == .none || fused != nil ? y : activate(y, activation)
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

extension Activation {
  /// What oneDNN applies as it writes a result; nil for what it does not.
  fileprivate var ofConvolution: mmd_convolution_activation? {
    switch self {
    case .none: MMD_IDENTITY
    case .relu: MMD_RELU
    case .relu6: MMD_RELU6
    default: nil
    }
  }
}

extension Engine {
  /// [B, C, H, W] → [B, H, W, C], without a gradient: images as they are loaded.
  fileprivate func channelsLast(_ x: Tensor) -> Tensor {
    let (channels, area) = (x.shape[1], x.shape[2] * x.shape[3])
    let y = tensor([x.shape[0], x.shape[2], x.shape[3], channels])
    overRows(x.shape[0] * x.shape[2], columns: x.shape[3] * channels) { rows in
      for row in rows {
        let (image, start) = (row / x.shape[2], row % x.shape[2] * x.shape[3])
        for channel in 0..<channels {
          let source = x.floats + (image * channels + channel) * area + start
          let target = y.floats + (image * area + start) * channels + channel
          for column in 0..<x.shape[3] { target[column * channels] = source[column] }
        }
      }
    }
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
