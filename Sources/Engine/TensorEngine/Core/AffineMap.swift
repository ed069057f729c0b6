internal import CKernels

/// x Wᵀ + b for x [N, I], W [O, I], b [O], forward and backward: what linear layers are made of.
struct AffineMap {
  let x: Tensor, weight: Tensor, bias: Tensor?
  /// x and the weight as they are multiplied.
  let factors: (x: Tensor, weight: Tensor)
  /// Those of the weight.
  let updates: [HeldUpdate]

  /// - Parameter read: x as it is multiplied, where somebody has it already.
  init(_ x: Tensor, read: Tensor? = nil, weight: Tensor, bias: Tensor?, _ tape: Tape) {
    let (inputs, outputs) = (x.columns, weight.shape[0])
    precondition(weight.count == inputs * outputs, "linear: x is \(x.shape), weight is \(weight.shape)")
    precondition(bias?.count ?? outputs == outputs, "linear: weight is \(weight.shape), bias is \(bias?.shape ?? [])")
    (self.x, self.weight, self.bias) = (x, weight, bias)
    factors = (read ?? tape.factor(x), tape.factor(weight: weight))
    updates = weight.updates.map { HeldUpdate($0, tape) }
  }

  /// For an input that was computed again and takes no gradient itself.
  init(hidden: Tensor, weight: Tensor, bias: Tensor?, factor: Tensor, updates: [HeldUpdate]) {
    (x, self.weight, self.bias, self.updates) = (hidden, weight, bias, updates)
    factors = (hidden, factor)
  }

  /// pre = x Wᵀ + b; y = f(pre), where f is not none. Bias and activation are one pass in fp32; in bf16 the bias is added
  /// before the product is rounded.
  func forward(_ activation: Activation, pre: Tensor, y: Tensor, _ engine: Engine) {
    let isReduced = engine.precision == .bf16
    engine.multiply(
      .init(factors.x), .init(factors.weight, transposed: true), into: pre, bias: isReduced ? bias : nil)
    if isReduced ? activation == .none : bias == nil && activation == .none { return }
    engine.overRows(pre.rows, columns: pre.columns) { range in
      let start = range.lowerBound * pre.columns
      if isReduced {
        engine.kernels.bias_activation_bf16(
          activation.code, range.count, pre.columns, nil, pre.halves + start, y.halves + start)
      } else {
        engine.kernels.bias_activation(
          activation.code, range.count, pre.columns, bias?.floats, pre.floats + start, y.floats + start)
      }
    }
  }

  /// dW = dpreᵀ x, and those of its updates; db = column sums of dpre; dx = dpre W.
  func backward(dpre: Tensor, _ engine: Engine) {
    if weight.isLearnt { weightGradients(dpre, factors.x.restored(engine), engine) }
    if let bias, let target = engine.gradientTarget(bias) { engine.addColumnSums(of: dpre, to: target) }
    if let target = engine.gradientTarget(x) {
      engine.multiply(.init(dpre), .init(factors.weight), into: target.tensor, accumulates: target.accumulates)
    }
  }

  private func weightGradients(_ dpre: Tensor, _ x: Tensor, _ engine: Engine) {
    if engine.unitGradients?.keep(weight, x: x, dy: dpre) != true, let target = engine.gradientTarget(weight) {
      engine.multiply(.init(dpre, transposed: true), .init(x), into: target.tensor, accumulates: target.accumulates)
    }
    for update in updates { update.backward(dpre: dpre, x: x, engine) }
  }
}

extension Engine {
  /// The gradient of a bias: target (+)= the sums of dy's columns.
  func addColumnSums(of dy: Tensor, to target: GradientTarget) {
    overColumns(dy.columns, rows: dy.rows) { range in
      if dy.elementType == .bfloat16 {
        kernels.column_sums_bf16(
          dy.rows, dy.columns, range.lowerBound, range.upperBound, dy.halves, target.floats, target.accumulate)
      } else {
        kernels.column_sums(
          dy.rows, dy.columns, range.lowerBound, range.upperBound, dy.floats, target.floats, target.accumulate)
      }
    }
  }
}
