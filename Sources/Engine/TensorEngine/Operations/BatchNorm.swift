internal import CKernels

/// How batch norm takes its statistics from the batch at hand.
public struct BatchStatistics {
  /// Replaces numbers of this rank by their sums over all ranks, so that all together are one batch.
  public let sum: (_ numbers: inout [Double]) throws -> Void

  public init(sum: @escaping (_ numbers: inout [Double]) throws -> Void = { _ in }) { self.sum = sum }
}

extension Tape {
  /// y = (x - mean) / sqrt(variance + ε) · w + b a channel, fp32 (Ioffe & Szegedy, 2015); x [..., C].
  ///
  /// Where the tape has `batchStatistics`, mean and variance are the batch's own, and the kept ones move towards them (the
  /// variance without bias); otherwise they are the kept ones. Where the ranks cannot be summed over, the kept ones stay as
  /// they are, and `throwFailure` and the backward pass throw why.
  /// - Parameters:
  ///   - momentum: how far the kept statistics move towards the batch's.
  ///   - keepsStatistics: the kept ones whatever the tape says.
  public func batchNorm(
    _ x: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, epsilon: Float = 1e-5,
    momentum: Float = 0.1, keepsStatistics: Bool = false
  ) -> Tensor {
    let x = float32(x)
    precondition(
      [weight, bias, mean, variance].allSatisfy { $0.count == x.columns },
      "batchNorm: x is \(x.shape), weight is \(weight.shape)")
    let batchStatistics = keepsStatistics ? nil : batchStatistics
    let moments =
      batchStatistics.flatMap { statistics in
        attempt { try engine.moments(of: x, statistics, mean, variance, momentum) }
      }
      ?? Moments(mean: mean.values().map(Double.init), variance: variance.values().map(Double.init), count: 0)
    let tracked = tracks(x, weight, bias)
    let y = engine.tensor(x.shape, requiresGradient: tracked)
    let operation = BatchNormOperation(
      x: x, weight: weight, bias: bias, mean: moments.mean,
      inverseDeviations: moments.variance.map { 1 / ($0 + Double(epsilon)).squareRoot() }, count: moments.count,
      statistics: batchStatistics, y: y)
    operation.forward(engine)
    if tracked { record(operation) }
    return y
  }
}

private struct Moments {
  var mean: [Double], variance: [Double]
  /// Rows of all ranks; 0 where the moments are not theirs.
  var count: Double
}

extension Engine {
  /// The batch's mean and variance over all ranks, towards which the kept ones are moved.
  fileprivate func moments(
    of x: Tensor, _ statistics: BatchStatistics, _ mean: Tensor, _ variance: Tensor, _ momentum: Float
  ) throws -> Moments {
    var sums = channelProducts(x, nil, center: nil) + [Double(x.rows)]
    try statistics.sum(&sums)
    let count = sums.removeLast()
    let means = sums.map { $0 / count }
    // Centred first: the difference of large sums would cancel.
    var squares = channelProducts(x, nil, center: tensor(means.map(Float.init), shape: [x.columns]))
    try statistics.sum(&squares)
    let momentum = Double(momentum)
    for channel in 0..<x.columns {
      let unbiased = squares[channel] / max(count - 1, 1)
      mean.floats[channel] = Float((1 - momentum) * Double(mean.floats[channel]) + momentum * means[channel])
      variance.floats[channel] = Float((1 - momentum) * Double(variance.floats[channel]) + momentum * unbiased)
    }
    return Moments(mean: means, variance: squares.map { $0 / count }, count: count)
  }

  /// y = x scale + shift (+ addend).
  func affine(_ x: Tensor, _ scale: [Double], _ shift: [Double], addend: Tensor?, into y: Tensor) {
    let columns = x.columns
    let (scale, shift) = (
      tensor(scale.map(Float.init), shape: [columns]), tensor(shift.map(Float.init), shape: [columns])
    )
    overRows(x.rows, columns: columns) { range in
      let start = range.lowerBound * columns
      kernels.channel_affine(
        range.count, columns, x.floats + start, scale.floats, shift.floats, addend.map { $0.floats + start },
        y.floats + start)
    }
  }
}

private struct BatchNormOperation: DifferentiableOperation {
  let x: Tensor, weight: Tensor, bias: Tensor
  let mean: [Double], inverseDeviations: [Double]
  /// Rows of the batch that the statistics are of; 0 where they are constants.
  let count: Double
  let statistics: BatchStatistics?
  let y: Tensor

  private var channels: Range<Int> { 0..<x.columns }
  /// w / σ
  private var scale: [Double] { channels.map { Double(weight.floats[$0]) * inverseDeviations[$0] } }

  func forward(_ engine: Engine) {
    let scale = scale
    engine.affine(
      x, scale, channels.map { Double(bias.floats[$0]) - mean[$0] * scale[$0] }, addend: nil, into: y)
  }

  // With n = (x - mean) / σ: dw = Σ dy n, db = Σ dy; dx = w / σ dy, and where mean and variance are the batch's,
  // dx = w / σ (dy - mean dy - n mean(dy n)) with means over all ranks.
  func backward(_ engine: Engine) throws {
    guard let dy = y.gradient else { return }
    var sums = engine.channelProducts(dy, nil, center: nil)
    // Centred as near the mean as a float comes, the rest afterwards.
    let center = engine.tensor(mean.map(Float.init), shape: [x.columns])
    var products = engine.channelProducts(dy, x, center: center)
    for channel in channels { products[channel] += (Double(center.floats[channel]) - mean[channel]) * sums[channel] }
    add(products.enumerated().map { $1 * inverseDeviations[$0] }, to: weight, engine)
    add(sums, to: bias, engine)
    let scale = scale
    let zeros = scale.map { _ in 0.0 }
    guard let statistics else {
      guard let target = engine.gradientTarget(x) else { return }
      return engine.affine(
        dy, scale, zeros, addend: target.accumulates ? target.tensor : nil, into: target.tensor)
    }
    // Every rank takes part in the sums, whether or not its x needs a gradient.
    var both = sums + products
    try statistics.sum(&both)
    (sums, products) = (Array(both[..<x.columns]), Array(both[x.columns...]))
    guard let target = engine.gradientTarget(x) else { return }
    let slope = channels.map { -scale[$0] * inverseDeviations[$0] * inverseDeviations[$0] * products[$0] / count }
    let shift = channels.map { -scale[$0] * sums[$0] / count - slope[$0] * mean[$0] }
    let dx = target.tensor
    engine.affine(dy, scale, shift, addend: target.accumulates ? dx : nil, into: dx)
    engine.affine(x, slope, zeros, addend: dx, into: dx)
  }

  private func add(_ gradient: [Double], to parameter: Tensor, _ engine: Engine) {
    guard let target = engine.gradientTarget(parameter) else { return }
    for (channel, value) in gradient.enumerated() {
      target.floats[channel] = Float(value) + (target.accumulates ? target.floats[channel] : 0)
    }
  }
}
