internal import CKernels

/// What a linear layer applies to its result.
public enum Activation: String, Sendable, Codable {
  case none
  /// GELU by tanh (Hendrycks & Gimpel, 2016).
  case geluTanh = "gelu_pytorch_tanh"
  /// GELU by the exact normal distribution.
  case geluErf = "gelu"
  /// x σ(1.702 x), as in OpenAI's CLIP.
  case quickGELU = "quick_gelu"
  case relu

  var code: mmk_activation {
    switch self {
    case .none: MMK_NONE
    case .geluTanh: MMK_GELU_TANH
    case .geluErf: MMK_GELU_ERF
    case .quickGELU: MMK_QUICK_GELU
    case .relu: MMK_RELU
    }
  }
}

extension Tape {
  /// y = f(x Wᵀ + b) for x [N, I], W [O, I], b [O]; y [N, O].
  /// - Parameter keepsFloat32: y is fp32 whatever the engine's precision: for what begins a residual stream or ends in a
  ///   loss. Only without an activation.
  public func linear(
    _ x: Tensor, weight: Tensor, bias: Tensor? = nil, activation: Activation = .none, keepsFloat32: Bool = false
  ) -> Tensor {
    let (rows, inputs, outputs) = (x.rows, x.columns, weight.rows)
    precondition(weight.columns == inputs, "linear: x is \(x.shape), weight is \(weight.shape)")
    precondition(bias?.count ?? outputs == outputs, "linear: weight is \(weight.shape), bias is \(bias?.shape ?? [])")
    precondition(
      !keepsFloat32 || activation == .none, "linear: an activation's result is as the engine's precision says")
    if engine.precision == .bf16 {
      return bfloat16Linear(
        x, weight: weight, bias: bias, activation: activation, resultType: keepsFloat32 ? .float32 : .bfloat16)
    }
    let tracked = tracks(x, weight, bias)
    let pre = engine.tensor([rows, outputs], requiresGradient: tracked && activation == .none)
    engine.multiply(
      .init(x.floats, stride: inputs), .init(weight.floats, stride: inputs, transposed: true), into: pre.floats,
      stride: outputs, rows: rows, columns: outputs, depth: inputs)
    let y = activation == .none ? pre : engine.tensor([rows, outputs], requiresGradient: tracked)
    if bias != nil || activation != .none {
      engine.overRows(rows, columns: outputs) { range in
        let start = range.lowerBound * outputs
        engine.kernels.bias_activation(
          activation.code, range.count, outputs, bias?.floats, pre.floats + start, y.floats + start)
      }
    }
    if tracked {
      record(LinearOperation(x: x, weight: weight, bias: bias, activation: activation, pre: pre, y: y))
    }
    return y
  }
}

private struct LinearOperation: DifferentiableOperation {
  let x: Tensor, weight: Tensor, bias: Tensor?
  let activation: Activation
  /// Before the activation [N, O]; the same tensor as y where there is none.
  let pre: Tensor
  let y: Tensor

  // dpre = dy f'(pre); dW = dpreᵀ x; db = column sums of dpre; dx = dpre W.
  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    let (rows, inputs, outputs) = (x.rows, x.columns, weight.rows)
    let dpre = activation == .none ? dy : throughActivation(dy, engine)
    if let target = engine.gradientTarget(weight) {
      engine.multiply(
        .init(dpre.floats, stride: outputs, transposed: true), .init(x.floats, stride: inputs), into: target.floats,
        stride: inputs, rows: outputs, columns: inputs, depth: rows, beta: target.beta)
    }
    if let bias, let target = engine.gradientTarget(bias) {
      engine.overColumns(outputs, rows: rows) { range in
        engine.kernels.column_sums(
          rows, outputs, range.lowerBound, range.upperBound, dpre.floats, target.floats, target.accumulate)
      }
    }
    if let target = engine.gradientTarget(x) {
      engine.multiply(
        .init(dpre.floats, stride: outputs), .init(weight.floats, stride: inputs), into: target.floats, stride: inputs,
        rows: rows, columns: inputs, depth: outputs, beta: target.beta)
    }
  }

  private func throughActivation(_ dy: Tensor, _ engine: Engine) -> Tensor {
    let dpre = engine.tensor(y.shape)
    engine.overRows(y.rows, columns: y.columns) { range in
      let start = range.lowerBound * y.columns
      engine.kernels.activation_backward(
        activation.code, range.count * y.columns, pre.floats + start, dy.floats + start, dpre.floats + start)
    }
    return dpre
  }
}
