internal import Layers
internal import TensorEngine

/// A convolution with a bias, in double precision: what branches of convolutions and batch norms are folded into
/// (Ding et al., "RepVGG", 2021; Vasu et al., "MobileOne", 2023).
struct FoldedKernel {
  let form: ConvolutionForm
  /// [O, I, K, K]
  var weight: [Double]
  /// [O]
  var bias: [Double]

  private init(form: ConvolutionForm, weight: [Double], bias: [Double]) {
    (self.form, self.weight, self.bias) = (form, weight, bias)
  }

  /// A convolution as it is.
  init(_ convolution: Convolution) {
    self.init(
      form: convolution.form, weight: convolution.weight.doubles,
      bias: convolution.bias?.doubles ?? [Double](repeating: 0, count: convolution.form.outputs))
  }

  /// A convolution and the norm of its result, whose statistics are the kept ones.
  init(_ normalized: NormalizedConvolution) {
    let map = ChannelMap(normalized.norm)
    self.init(normalized.convolution)
    self = scaled(by: map.factor)
    for output in bias.indices { bias[output] += map.summand[output] }
  }

  /// x itself, as a convolution of `form`, whose kernels have a middle.
  init(identity form: ConvolutionForm) {
    let (inputs, taps) = (form.weightShape[1], form.kernel * form.kernel)
    var weight = [Double](repeating: 0, count: form.outputs * inputs * taps)
    for output in 0..<form.outputs { weight[(output * inputs + output % inputs) * taps + taps / 2] = 1 }
    self.init(form: form, weight: weight, bias: [Double](repeating: 0, count: form.outputs))
  }

  /// A norm of x itself.
  init(_ norm: BatchNorm, form: ConvolutionForm) {
    let map = ChannelMap(norm)
    self = FoldedKernel(identity: form).scaled(by: map.factor)
    bias = map.summand
  }

  /// The results of both added up; a smaller kernel lies in the middle of a larger one.
  static func + (a: FoldedKernel, b: FoldedKernel) -> FoldedKernel {
    let kernel = max(a.form.kernel, b.form.kernel)
    let (a, b) = (a.padded(to: kernel), b.padded(to: kernel))
    return FoldedKernel(
      form: a.form, weight: zip(a.weight, b.weight).map { $0 + $1 }, bias: zip(a.bias, b.bias).map { $0 + $1 })
  }

  /// The result times a factor for each of its channels.
  func scaled(by factors: [Double]) -> FoldedKernel {
    let size = weight.count / form.outputs
    return FoldedKernel(
      form: form, weight: weight.enumerated().map { $1 * factors[$0 / size] },
      bias: zip(bias, factors).map { $0 * $1 })
  }

  private func padded(to kernel: Int) -> FoldedKernel {
    guard kernel != form.kernel else { return self }
    var wide = form
    wide.kernel = kernel
    let border = (kernel - form.kernel) / 2
    var padded = [Double](repeating: 0, count: wide.weightShape.reduce(1, *))
    for (index, value) in weight.enumerated() {
      let (plane, place) = (index / (form.kernel * form.kernel), index % (form.kernel * form.kernel))
      let (row, column) = (place / form.kernel + border, place % form.kernel + border)
      padded[(plane * kernel + row) * kernel + column] = value
    }
    return FoldedKernel(form: wide, weight: padded, bias: bias)
  }

  /// The weight as [O, K, K, I].
  private var tapsFirst: [Double] {
    let (inputs, taps) = (form.inputs, form.kernel * form.kernel)
    return weight.indices.map { place in
      let (output, rest) = (place / (inputs * taps), place % (inputs * taps))
      return weight[(output * inputs + rest % inputs) * taps + rest / inputs]
    }
  }

  /// Rounds it once, into the parameters of `convolution`.
  func write(into convolution: Convolution) {
    var form = form
    form.isTapsFirst = convolution.form.isTapsFirst
    precondition(convolution.form == form && convolution.bias != nil, "a kernel is folded into one of another form")
    convolution.weight.assign(form.isTapsFirst ? tapsFirst : weight)
    convolution.bias?.assign(bias)
  }
}

/// A norm with known statistics: x · factor + summand a channel.
struct ChannelMap {
  let factor: [Double]
  let summand: [Double]

  init(_ norm: BatchNorm) {
    let factor = zip(norm.weight.doubles, norm.variance.doubles).map { weight, variance in
      weight / (variance + Double(norm.epsilon)).squareRoot()
    }
    self.factor = factor
    summand = zip(zip(norm.bias.doubles, norm.mean.doubles), factor).map { $0.0 - $0.1 * $1 }
  }
}

extension Parameter {
  var doubles: [Double] { tensor.values().map(Double.init) }

  func assign(_ values: [Double]) {
    tensor.withMutableValues { target in
      precondition(target.count == values.count, "\(values.count) numbers for a parameter of \(target.count)")
      for (index, value) in values.enumerated() { target[index] = Float(value) }
    }
  }
}
