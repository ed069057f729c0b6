internal import CKernels
internal import COneDNN
internal import Glibc

/// A convolution by oneDNN's kernels, which read images [B, H, W, C] as they lie and weights in an order of
/// their own. Images are divided over threads; where there are fewer of them than threads, the forward pass divides their rows.
struct DirectConvolution {
  let engine: Engine
  let windows: Windows
  let outputs: Int
  /// 1, or one for each channel.
  let groups: Int

  /// Nil where the engine computes it otherwise, or oneDNN has no fast kernel for the forward pass with such a finish.
  init?(_ windows: Windows, outputs: Int, groups: Int = 1, weight: Tensor, _ finish: Finish, _ engine: Engine) {
    (self.engine, self.windows, self.outputs, self.groups) = (engine, windows, outputs, groups)
    // Strided single places: oneDNN 2.6's kernels read memory there that nobody has written, and never end, or end in another
    // place (three inputs, the gradient of the weights). Such windows are no more than rows to be gathered.
    guard windows.kernel > 1 || windows.stride == 1 else { return nil }
    guard engine.products.convolutions == .oneDNN, weight.updates.isEmpty, has(.forward, finish) else { return nil }
  }

  /// What happens to a result before it is written.
  struct Finish {
    var bias: Tensor?
    var activation = MMD_IDENTITY
    var type = ElementType.float32

    /// The form whose order of weights all finishes of a type take.
    func ordering(_ form: mmd_convolution) -> mmd_convolution { Finish(type: type).applied(to: form) }

    func applied(to form: mmd_convolution) -> mmd_convolution {
      var form = form
      (form.has_bias, form.activation) = (bias == nil ? 0 : 1, activation)
      form.result_is_bf16 = type == .bfloat16 ? 1 : 0
      return form
    }
  }

  /// Images or a gradient in the type in which kernels read it.
  func read(_ x: Tensor) -> Tensor { engine.precision == .bf16 ? engine.bfloat16(x) : x }

  /// y = f(x * w + b), of x as `read` gives it.
  func forward(
    _ x: Tensor, _ weight: Tensor, isTapsFirst: Bool, _ finish: Finish, _ arranged: ArrangedWeights, into y: Tensor
  ) {
    let parts = parts(.forward)
    let order = order(parts, finish)
    let weights = arranged(weight, order, engine) {
      engine.convolutionContexts[0].exchange(weight, isTapsFirst: isTapsFirst, $0, order)
    }
    over(parts) { chunk, part in
      engine.convolutionContexts[chunk].run(
        finish.applied(to: part.form), order, images: x.bytes(from: part.input), weights: weights, bias: finish.bias,
        results: y.bytes(from: part.output))
    }
  }

  /// dx (+)= dy against the weights, of dy as `read` gives it.
  func addInputsGradient(_ dy: Tensor, _ weight: Tensor, isTapsFirst: Bool, to x: Tensor) {
    guard x.requiresGradient else { return }
    let parts = parts(.inputs)
    let finish = Finish(type: x.elementType)
    let order = order(parts, finish)
    let weights = engine.tensor([order.count])
    engine.convolutionContexts[0].exchange(weight, isTapsFirst: isTapsFirst, weights, order)
    let dx = engine.tensor(x.shape, x.elementType)
    over(parts) { chunk, part in
      engine.convolutionContexts[chunk].run(
        finish.applied(to: part.form), order, images: dx.bytes(from: part.input), weights: weights,
        results: dy.bytes(from: part.output))
    }
    engine.addGradient(dx, to: x)
  }

  /// dw (+)= x against dy, both as `read` gives them; each thread's images, then the threads' sums in their order.
  func addWeightsGradient(_ x: Tensor, _ dy: Tensor, isTapsFirst: Bool, to target: GradientTarget) {
    let parts = parts(.weights)
    let order = order(parts)
    let sums = engine.tensor([parts.count, order.count])
    over(parts) { chunk, part in
      engine.convolutionContexts[chunk].run(
        part.form, order, images: x.bytes(from: part.input), weights: sums.rows(chunk..<chunk + 1),
        results: dy.bytes(from: part.output))
    }
    let total = sums.rows(0..<1)
    for part in 1..<parts.count { add(sums.rows(part..<part + 1), to: total) }
    let dw = target.accumulates ? engine.tensor(target.tensor.shape) : target.tensor
    engine.convolutionContexts[0].exchange(dw, isTapsFirst: isTapsFirst, total, order)
    if target.accumulates { add(dw, to: target.tensor) }
  }

  private func add(_ x: Tensor, to sum: Tensor) {
    engine.overColumns(x.count, rows: 1) { range in
      let (sum, x) = (sum.floats + range.lowerBound, x.floats + range.lowerBound)
      engine.kernels.add(range.count, sum, x, sum)
    }
  }
}

extension Tensor {
  fileprivate func bytes(from element: Int) -> UnsafeMutableRawPointer { bytes + element * elementType.byteCount }
}

/// One of the three computations of a training step.
public enum ConvolutionPass: String, Sendable, CaseIterable {
  case forward
  /// dw of x and dy.
  case weights
  /// dx of w and dy.
  case inputs

  fileprivate var code: mmd_pass {
    switch self {
    case .forward: MMD_FORWARD
    case .weights: MMD_WEIGHTS_GRADIENT
    case .inputs: MMD_INPUTS_GRADIENT
    }
  }
}

// MARK: Division

extension DirectConvolution {
  /// What one thread computes, and where it begins in x and in y.
  private struct Part {
    let form: mmd_convolution
    let input: Int
    let output: Int
  }

  private func over(_ parts: [Part], _ body: (Int, Part) -> Void) {
    engine.directConvolutions += 1
    engine.threads.run(parts.count) { _, chunk in body(chunk, parts[chunk]) }
  }

  private func order(_ parts: [Part], _ finish: Finish = Finish()) -> WeightOrder {
    guard let order = engine.convolutionContexts[0].order(finish.ordering(parts[0].form)) else {
      preconditionFailure("a convolution is computed by kernels that it has not")
    }
    return order
  }

  /// Compiles what is not compiled yet. Weights lie for all parts as the first likes it.
  func has(_ pass: ConvolutionPass, _ finish: Finish = Finish()) -> Bool {
    let parts = parts(pass)
    guard let order = engine.convolutionContexts[0].order(finish.ordering(parts[0].form)) else { return false }
    return parts.enumerated().allSatisfy { engine.convolutionContexts[$0].has(finish.applied(to: $1.form), order) }
  }

  func hasGradients(of x: Tensor) -> Bool { has(.weights) && has(.inputs, Finish(type: x.elementType)) }

  private func parts(_ pass: ConvolutionPass) -> [Part] {
    let threads = engine.threads.threadCount
    let bands = pass == .forward && windows.images < threads ? min(threads / windows.images, windows.outHeight) : 1
    guard bands == 1 else {
      return (0..<windows.images * bands).map { index in
        let (image, band) = (index / bands, index % bands)
        return part(image..<image + 1, windows.outHeight * band / bands..<windows.outHeight * (band + 1) / bands, pass)
      }
    }
    let count = min(threads, windows.images)
    return (0..<count).map {
      part(windows.images * $0 / count..<windows.images * ($0 + 1) / count, 0..<windows.outHeight, pass)
    }
  }

  /// Some rows of the results of some images. The rows of an image that they are made of lie together, where it is one image.
  private func part(_ images: Range<Int>, _ rows: Range<Int>, _ pass: ConvolutionPass) -> Part {
    let start = rows.lowerBound * windows.stride - windows.before
    let end = (rows.upperBound - 1) * windows.stride - windows.before + windows.kernel
    let isWhole = rows.count == windows.outHeight
    let first = isWhole ? 0 : max(start, 0)
    let last = isWhole ? windows.height : min(end, windows.height)
    let columns = (windows.outWidth - 1) * windows.stride - windows.before + windows.kernel
    let form = mmd_convolution(
      images: images.count, inputs: windows.channels, outputs: outputs, groups: groups, height: last - first,
      width: windows.width,
      out_height: rows.count, out_width: windows.outWidth, kernel: windows.kernel, stride: windows.stride,
      above: first - start, below: max(end - last, 0), left: windows.before, right: max(columns - windows.width, 0),
      pass: pass.code, activation: MMD_IDENTITY, has_bias: 0,
      operands_are_bf16: engine.precision == .bf16 ? 1 : 0, result_is_bf16: 0, unused: 0)
    return Part(
      form: form, input: (images.lowerBound * windows.area + first * windows.width) * windows.channels,
      output: (images.lowerBound * windows.outArea + rows.lowerBound * windows.outWidth) * outputs)
  }
}

/// How a convolution by oneDNN stands on the tape.
struct DirectConvolutionOperation: DifferentiableOperation {
  let convolution: DirectConvolution
  /// What is convolved, and as kernels read it.
  let x: Tensor, read: Tensor
  let weight: Tensor, isTapsFirst: Bool, bias: Tensor?
  let y: Tensor
  /// Where windows are single places: gradients are faster as products (docs/performance.md).
  let product: AffineMap?

  func backward(_ engine: Engine) {
    guard let dy = y.gradient.map(convolution.read) else { return }
    if let product { return product.backward(dpre: dy, engine) }
    if let target = engine.gradientTarget(weight) {
      convolution.addWeightsGradient(read, dy, isTapsFirst: isTapsFirst, to: target)
    }
    if let bias, let target = engine.gradientTarget(bias) { engine.addColumnSums(of: dy, to: target) }
    convolution.addInputsGradient(dy, weight, isTapsFirst: isTapsFirst, to: x)
  }
}
