internal import CKernels
internal import COneDNN

/// A perceptron and the sum with its residual where no gradient is wanted: blocks of rows go through both layers while
/// the hidden layer is in the cache.
struct PerceptronInference {
  let x: Tensor
  let hidden: (weight: Tensor, bias: Tensor?), output: (weight: Tensor, bias: Tensor?)
  let activation: Activation
  /// fp32
  let residual: Tensor

  private var hiddenWidth: Int { hidden.weight.shape[0] }
  private var outputWidth: Int { output.weight.shape[0] }

  /// Nil where the weights are not kept in the way that this takes.
  func inCache(_ tape: Tape) -> Tensor? {
    guard let biases = hidden.bias.flatMap({ first in output.bias.map { (first: first, second: $0) } }),
      hiddenWidth % 16 == 0, outputWidth % 16 == 0
    else { return nil }
    let y = tape.engine.tensor(residual.shape)
    if tape.engine.precision == .bf16 {
      reduced(tape, biases, into: y)
      return y
    }
    guard let first = hidden.weight.panels, let second = output.weight.panels else { return nil }
    full(tape.engine, (first, second), biases, into: y)
    return y
  }

  private func full(
    _ engine: Engine, _ panels: (first: Tensor, second: Tensor), _ biases: (first: Tensor, second: Tensor),
    into y: Tensor
  ) {
    let scratch = engine.tensor([engine.threads.threadCount, Int(MMK_PERCEPTRON_ROWS) * hiddenWidth])
    let form = mmk_perceptron(
      inputs: x.columns, hidden: hiddenWidth, outputs: outputWidth, f: activation.code, panels1: panels.first.floats,
      bias1: biases.first.floats, panels2: panels.second.floats, bias2: biases.second.floats)
    // Tiles have six rows.
    engine.overChunks(of: x.rows, minimum: 6, multiple: 6) { chunk, range in
      var form = form
      engine.kernels.perceptron(
        &form, range.count, x.floats + range.lowerBound * x.columns,
        residual.floats + range.lowerBound * outputWidth, y.floats + range.lowerBound * outputWidth,
        scratch.floats + chunk * scratch.columns)
    }
  }

  /// The hidden layer is rounded once, after its activation; the result is not.
  private func reduced(_ tape: Tape, _ biases: (first: Tensor, second: Tensor), into y: Tensor) {
    let engine = tape.engine
    let (rounded, weights) = (tape.factor(x), (tape.factor(weight: hidden.weight), tape.factor(weight: output.weight)))
    let blockRows = max(256, 131_072 / hiddenWidth)
    let pre = engine.tensor([engine.threads.threadCount, blockRows * hiddenWidth])
    let activated = engine.tensor(pre.shape, .bfloat16)
    engine.overChunks(of: x.rows, minimum: 16, multiple: 16) { chunk, range in
      let context = engine.productContexts[chunk]
      let place = (pre.floats + chunk * pre.columns, activated.halves + chunk * pre.columns)
      for start in stride(from: range.lowerBound, to: range.upperBound, by: blockRows) {
        let rows = min(blockRows, range.upperBound - start)
        var first = product(rows: rows, columns: hiddenWidth, depth: x.columns)
        context.multiply(
          &first, rounded.halves + start * x.columns, weights.0.halves, biases.first.floats, place.0)
        engine.kernels.activate_rounding(activation.code, rows * hiddenWidth, place.0, place.1)
        let out = y.floats + start * outputWidth
        var second = product(rows: rows, columns: outputWidth, depth: hiddenWidth)
        context.multiply(&second, place.1, weights.1.halves, biases.second.floats, out)
        engine.kernels.add(rows * outputWidth, out, residual.floats + start * outputWidth, out)
      }
    }
  }

  /// A product with a weight as it lies, and its bias, into fp32.
  private func product(rows: Int, columns: Int, depth: Int) -> mmd_product {
    mmd_product(
      factors: MMD_BFLOAT16, rows: rows, columns: columns, depth: depth, stride_a: depth, stride_b: depth,
      stride_c: columns, transposed_a: 0, transposed_b: 1, arranged_b: 0, result_is_bf16: 0, accumulates: 0,
      has_bias: 1)
  }
}

extension Engine {
  /// A weight [O, I] as the kernel of whole perceptrons reads it; nil where O is not a multiple of 16.
  package func panels(of weight: Tensor) -> Tensor? {
    guard weight.shape.count > 1, weight.shape[0] % 16 == 0 else { return nil }
    let (outputs, inputs) = (weight.shape[0], weight.count / weight.shape[0])
    let made = tensor([weight.count])
    overChunks(of: outputs, minimum: 64, multiple: 64) { _, range in
      kernels.arrange_panels(
        range.count, inputs, weight.floats + range.lowerBound * inputs, made.floats + range.lowerBound * inputs)
    }
    return made
  }
}
