internal import CKernels
internal import Randomness

/// Names the dropout masks of a step, as all random numbers are named: by the run's seed, the step, the layer and the sample. So
/// they are the same on any number of ranks, where a batch is computed in parts, and where a block runs again.
public struct DropoutMasks: Sendable {
  let seed: UInt64
  let step: Int
  /// The place in the global batch of the first sample that the tape sees.
  let firstSample: Int

  public init(seed: UInt64, step: Int, firstSample: Int = 0) {
    (self.seed, self.step, self.firstSample) = (seed, step, firstSample)
  }

  /// The same for samples that come so many later.
  func shifted(by samples: Int) -> DropoutMasks {
    DropoutMasks(seed: seed, step: step, firstSample: firstSample + samples)
  }

  /// What decides the mask of each of so many samples.
  func seeds(layer: UInt64, samples: Int) -> [UInt64] {
    (firstSample..<firstSample + samples).map { sample in
      var random = RandomStream(seed: seed, .dropout, UInt64(step), layer, UInt64(sample))
      return random.next()
    }
  }
}

extension Tape {
  /// Each element is dropped with probability `rate`, the others grow by 1 / (1 - rate) (Srivastava et al., 2014).
  /// Without masks (evaluation) the input comes back as it is.
  /// - Parameters:
  ///   - layer: no two dropouts of a model have the same.
  ///   - offsets: sample i has the rows offsets[i] ..< offsets[i + 1]; nil: a row each.
  public func dropout(_ x: Tensor, rate: Float, layer: UInt64, offsets: [Int]? = nil) -> Tensor {
    guard rate > 0, let dropoutMasks else { return x }
    let x = float32(x)
    precondition(rate < 1, "dropout: a rate of \(rate) leaves nothing")
    let offsets = offsets ?? Array(0...x.rows)
    precondition(offsets.first == 0 && offsets.last == x.rows, "dropout: the offsets are not those of \(x.rows) rows")
    let operation = DropoutOperation(
      x: x, rate: rate, seeds: dropoutMasks.seeds(layer: layer, samples: offsets.count - 1), offsets: offsets,
      y: engine.tensor(x.shape, requiresGradient: tracks(x)))
    operation.apply(to: x, into: operation.y, accumulate: 0, engine)
    if tracks(x) { record(operation) }
    return operation.y
  }
}

private struct DropoutOperation: DifferentiableOperation {
  let x: Tensor, rate: Float, seeds: [UInt64], offsets: [Int], y: Tensor

  /// The mask is a hash of the sample's seed and the element's index within it: nothing is kept, and threads do not change it.
  func apply(to x: Tensor, into y: Tensor, accumulate: Int32, _ engine: Engine) {
    let columns = x.columns
    engine.overRows(seeds.count, columns: x.count / max(seeds.count, 1)) { range in
      for sample in range {
        let (start, end) = (offsets[sample] * columns, offsets[sample + 1] * columns)
        engine.kernels.dropout(end - start, rate, seeds[sample], 0, x.floats + start, y.floats + start, accumulate)
      }
    }
  }

  func backward(_ engine: Engine) {
    guard let dy = y.gradient, let target = engine.gradientTarget(x) else { return }
    apply(to: dy, into: target.tensor, accumulate: target.accumulate, engine)
  }
}
