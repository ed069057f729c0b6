internal import CKernels
internal import COneDNN
internal import Glibc

extension Tape {
  /// A convolution of each channel with a kernel of its own, and zeros around the image:
  /// y[b, i, j, c] = Σ x[b, i s + u - p, j s + v - p, c] w[c, 0, u, v] + bias[c] for x [B, H, W, C], w [C, 1, K, K].
  /// - Parameters:
  ///   - padding: p rows and columns of zeros lie before the image.
  ///   - keepsFloat32: y is fp32 whatever the engine's precision: for a residual stream.
  public func depthwiseConvolution(
    _ x: Tensor, weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: WindowPadding,
    keepsFloat32: Bool = false
  ) -> Tensor {
    let windows = Windows(x.shape, kernel: weight.shape[3], stride: stride, padding: padding)
    precondition(
      weight.count == windows.channels * windows.taps && windows.kernel <= MMK_LARGEST_KERNEL,
      "depthwiseConvolution: x is \(x.shape), weight is \(weight.shape)")
    let tracked = tracks(x, weight, bias)
    let y = engine.tensor(
      windows.outputShape, keepsFloat32 ? .float32 : engine.activationType, requiresGradient: tracked)
    let finish = DirectConvolution.Finish(bias: bias, type: y.elementType)
    let direct = DirectConvolution(
      windows, outputs: windows.channels, groups: windows.channels, weight: weight, finish, engine)
    let read = direct?.read(x) ?? x
    if let direct {
      direct.forward(read, weight, isTapsFirst: false, finish, arrangedWeights, into: y)
    } else {
      engine.slide(windows, over: x, weight, bias: bias, into: GradientTarget(tensor: y, accumulates: false))
    }
    if tracked {
      record(
        DepthwiseOperation(windows: windows, direct: direct, x: x, read: read, weight: weight, bias: bias, y: y))
    }
    return y
  }
}

extension Engine {
  /// The weights [C, 1, K, K] as the kernels read them.
  private func arranged(_ weight: Tensor, _ windows: Windows, flipped: Bool) -> Tensor {
    let arranged = tensor([windows.blocks, windows.taps, 16])
    overChunks(of: windows.blocks, minimum: 8, multiple: 1) { _, range in
      let channels = range.lowerBound * 16..<min(windows.channels, range.upperBound * 16)
      kernels.arrange_taps(
        channels.count, windows.taps, flipped ? 1 : 0, weight.floats + channels.lowerBound * windows.taps,
        arranged.floats + channels.lowerBound * windows.taps)
    }
    return arranged
  }

  /// y (+)= the windows' sums (+ bias); each element is computed by one thread in one order.
  fileprivate func slide(
    _ windows: Windows, over x: Tensor, _ weight: Tensor, flipped: Bool = false, bias: Tensor? = nil,
    into target: GradientTarget
  ) {
    let given = windows.form
    let (taps, parts) = (arranged(weight, windows, flipped: flipped), windows.images * windows.bands * windows.blocks)
    let scratch = tensor([threads.threadCount, windows.paddedCount])
    let work = 16 * windows.bandRows * windows.outWidth * windows.taps
    overChunks(of: parts, minimum: max(1, 200_000 / work), multiple: 1) { chunk, range in
      var form = given  // each thread its own: inout access is exclusive
      let padded = scratch.floats + chunk * scratch.columns
      for part in range {
        let (image, block) = (part / windows.blocks / windows.bands, part % windows.blocks)
        let rows = windows.rows(ofBand: part / windows.blocks % windows.bands)
        pad(&form, x, image: image, rows: rows, block: block, padded)
        let place = (image * windows.outArea + rows.lowerBound * windows.outWidth) * windows.channels
        let weight = taps.floats + block * windows.taps * 16
        if target.tensor.elementType == .bfloat16 {
          kernels.depthwise_bf16(
            &form, rows.count, block * 16, padded, weight, bias?.floats, target.tensor.halves + place,
            target.accumulate)
        } else {
          kernels.depthwise(
            &form, rows.count, block * 16, padded, weight, bias?.floats, target.tensor.floats + place,
            target.accumulate)
        }
      }
    }
  }

  fileprivate func pad(
    _ form: inout mmk_depthwise, _ x: Tensor, image: Int, rows: Range<Int>, block: Int,
    _ padded: UnsafeMutablePointer<Float>
  ) {
    let place = image * form.height * form.width * form.channels
    if x.elementType == .bfloat16 {
      kernels.depthwise_pad_bf16(&form, rows.lowerBound, rows.count, block * 16, x.halves + place, padded)
    } else {
      kernels.depthwise_pad(&form, rows.lowerBound, rows.count, block * 16, x.floats + place, padded)
    }
  }
}

private struct DepthwiseOperation: DifferentiableOperation {
  let windows: Windows
  /// Nil where oneDNN does not compute it.
  let direct: DirectConvolution?
  /// What is convolved, and as kernels read it.
  let x: Tensor, read: Tensor
  let weight: Tensor, bias: Tensor?, y: Tensor

  // dx: the windows the other way round; dw[u, v] = Σ dy x; db = Σ dy.
  func backward(_ engine: Engine) {
    guard let gradient = y.gradient else { return }
    let dy = direct?.read(gradient) ?? gradient
    if let target = engine.gradientTarget(weight) { addWeightsGradient(dy, target, engine) }
    if let bias, let target = engine.gradientTarget(bias) { engine.addColumnSums(of: dy, to: target) }
    guard x.requiresGradient else { return }
    if let direct, direct.has(.inputs, .init(type: x.elementType)) {
      direct.addInputsGradient(dy, weight, isTapsFirst: false, to: x)
    } else if let target = engine.gradientTarget(x) {
      engine.slide(windows.reversed, over: dy, weight, flipped: true, into: target)
    }
  }

  /// oneDNN's kernels for larger windows take two to three times as long as ours (docs/performance.md).
  private func addWeightsGradient(_ dy: Tensor, _ target: GradientTarget, _ engine: Engine) {
    if let direct, windows.kernel == 3, direct.has(.weights) {
      direct.addWeightsGradient(read, dy, isTapsFirst: false, to: target)
    } else {
      addTaps(dy, target, engine)
    }
  }

  /// Channels are divided over threads, so that all images add to a weight in one order.
  private func addTaps(_ dy: Tensor, _ target: GradientTarget, _ engine: Engine) {
    let form = windows.form
    let scratch = engine.tensor([engine.threads.threadCount, windows.paddedCount])
    let sums = engine.zeros([windows.blocks, windows.taps, 16])
    engine.overChunks(of: windows.blocks, minimum: 1, multiple: 1) { chunk, range in
      var form = form
      let padded = scratch.floats + chunk * scratch.columns
      for block in range {
        for part in 0..<windows.images * windows.bands {
          let (image, rows) = (part / windows.bands, windows.rows(ofBand: part % windows.bands))
          engine.pad(&form, read, image: image, rows: rows, block: block, padded)
          let place = (image * windows.outArea + rows.lowerBound * windows.outWidth) * windows.channels
          let sum = sums.floats + block * windows.taps * 16
          if dy.elementType == .bfloat16 {
            engine.kernels.depthwise_taps_bf16(&form, rows.count, block * 16, padded, dy.halves + place, sum)
          } else {
            engine.kernels.depthwise_taps(&form, rows.count, block * 16, padded, dy.floats + place, sum)
          }
        }
      }
    }
    engine.kernels.gather_taps(windows.channels, windows.taps, sums.floats, target.floats, target.accumulate)
  }
}
