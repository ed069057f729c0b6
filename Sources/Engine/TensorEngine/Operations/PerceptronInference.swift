internal import CKernels

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
    let (engine, threads) = (tape.engine, tape.engine.threads.threadCount)
    let first = PanelProduct(
      x: tape.factor(x), weight: tape.panels(of: hidden.weight), bias: biases.first, type: .float32)
    let second = tape.panels(of: output.weight)
    let scratch = engine.tensor([threads, max(PanelProduct.scratch(first.weight), PanelProduct.scratch(second))])
    let activated = engine.tensor([threads, PanelProduct.blockRows, hiddenWidth], .bfloat16)
    engine.overChunks(of: x.rows, minimum: 16, multiple: 16) { chunk, range in
      let (context, place) = (engine.productContexts[chunk], scratch.floats + chunk * scratch.columns)
      let own = PanelProduct(
        x: activated.rows(chunk..<chunk + 1), weight: second, bias: biases.second, type: .float32)
      for start in stride(from: range.lowerBound, to: range.upperBound, by: PanelProduct.blockRows) {
        let block = start..<min(start + PanelProduct.blockRows, range.upperBound)
        first(rows: block, place, context) { rows, outputs, computed in
          for row in rows.indices {
            engine.kernels.activate_rounding(
              activation.code, outputs.count, computed.floats(row - start, outputs),
              own.x.halves + (row - start) * hiddenWidth + outputs.lowerBound)
          }
        }
        own(rows: 0..<block.count, place, context) { rows, outputs, computed in
          for row in rows {
            let place = (start + row) * outputWidth + outputs.lowerBound
            engine.kernels.add(
              outputs.count, computed.floats(row, outputs), residual.floats + place, y.floats + place)
          }
        }
      }
    }
  }
}

extension UnsafeMutableRawPointer {
  /// A row of what a panel's product computed.
  fileprivate func floats(_ row: Int, _ outputs: Range<Int>) -> UnsafeMutablePointer<Float> {
    assumingMemoryBound(to: Float.self) + row * outputs.count
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
