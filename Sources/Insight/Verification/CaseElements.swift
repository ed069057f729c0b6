internal import Glibc
internal import TensorEngine

// What single rows or numbers cost, of which a loss is the sum over a count. They are compared, and are no losses of their own.

extension Engine {
  /// The cross-entropy of each row of logits [N, K] → [N].
  func crossEntropies(_ logits: Tensor, targets: [Int32]) -> Tensor {
    let tape = Tape(self, recording: false)
    let costs = targets.enumerated().map { row, target in
      tape.crossEntropy(tape.gatherRows(logits, [row]), targets: [target], count: 1).value
    }
    return tensor(costs, shape: [costs.count])
  }

  /// (x - t)²
  func squaredErrors(_ x: Tensor, targets: Tensor) -> Tensor {
    tensor(zip(x.values(), targets.values()).map { ($0 - $1) * ($0 - $1) }, shape: x.shape)
  }

  /// t (ln t - ln softmax(x)), rows by themselves.
  func divergences(_ x: Tensor, targets: Tensor) -> Tensor {
    let (logits, columns) = (x.values(), x.columns)
    // The cross-entropy of the first class is the logarithm of the sum, less its logit.
    let first = crossEntropies(x, targets: [Int32](repeating: 0, count: x.rows)).values()
    let costs = targets.values().enumerated().map { place, target in
      let (row, own) = (place / columns, logits[place])
      return target > 0 ? target * (log(target) - own + first[row] + logits[row * columns]) : 0
    }
    return tensor(costs, shape: x.shape)
  }
}
