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
  /// min(max(x, 0), 6) (Howard et al., "MobileNets", 2017).
  case relu6
  /// 1 / (1 + e⁻ˣ)
  case sigmoid
  case tanh

  var code: mmk_activation {
    switch self {
    case .none: MMK_NONE
    case .geluTanh: MMK_GELU_TANH
    case .geluErf: MMK_GELU_ERF
    case .quickGELU: MMK_QUICK_GELU
    case .relu: MMK_RELU
    case .relu6: MMK_RELU6
    case .sigmoid: MMK_SIGMOID
    case .tanh: MMK_TANH
    }
  }
}

extension Tape {
  /// y = f(x Wᵀ + b) for x [..., I], W [O, I], b [O]; y [..., O]. W may also be the weight [O, I, 1, 1] of a convolution.
  /// - Parameter keepsFloat32: y is fp32 whatever the engine's precision: for what begins a residual stream or ends in a
  ///   loss. Only without an activation.
  public func linear(
    _ x: Tensor, weight: Tensor, bias: Tensor? = nil, activation: Activation = .none, keepsFloat32: Bool = false
  ) -> Tensor {
    precondition(
      !keepsFloat32 || activation == .none, "linear: an activation's result is as the engine's precision says")
    if !keepsFloat32, !tracks(x, weight, bias), let layer = byteLayer(weight, bias, activation) {
      return apply(layer, to: x)
    }
    return product(x, weight: weight, bias: bias, activation: activation, keepsFloat32: keepsFloat32)
  }

  /// The same in the engine's precision, whatever weights are kept as: for such as are made for one call.
  func product(
    _ x: Tensor, weight: Tensor, bias: Tensor?, activation: Activation, keepsFloat32: Bool
  ) -> Tensor {
    let tracked = tracks(x, weight, bias)
    let shape: [Int] = x.shape.dropLast() + [weight.shape[0]]
    let type = keepsFloat32 ? .float32 : engine.activationType
    let y = engine.tensor(shape, type, requiresGradient: tracked)
    if engine.precision == .bf16, !tracked, let panels = arrangedWeights.bfloat16Panels(weight, engine) {
      engine.multiply(PanelProduct(x: factor(x), weight: panels, bias: bias, type: type), activation, into: y)
      return y
    }
    let map = AffineMap(x, weight: weight, bias: bias, self)
    let pre = activation == .none ? y : engine.tensor(shape, type)
    map.forward(activation, pre: pre, y: y, engine)
    if tracked { record(LinearOperation(map: map, activation: activation, pre: pre, y: y)) }
    return y
  }
}

extension Tape {
  /// y = x M (+ b) for x [N, I], M [I, O], b [O], fp32: a projection that is stored as it multiplies.
  public func project(_ x: Tensor, by matrix: Tensor, bias: Tensor? = nil) -> Tensor {
    precondition(x.columns == matrix.rows, "project: x is \(x.shape), the matrix is \(matrix.shape)")
    let tracked = tracks(x, matrix, bias)
    let y = engine.tensor([x.rows, matrix.columns], requiresGradient: tracked)
    let factors = (x: factor(x), matrix: factor(weight: matrix))
    engine.multiply(.init(factors.x), .init(factors.matrix), into: y)
    if let bias {
      engine.kernels.bias_activation(MMK_NONE, y.rows, y.columns, bias.floats, y.floats, y.floats)
    }
    if tracked { record(ProjectOperation(x: x, matrix: matrix, bias: bias, factors: factors, y: y)) }
    return y
  }
}

private struct ProjectOperation: DifferentiableOperation {
  let x: Tensor, matrix: Tensor, bias: Tensor?
  /// Both as they are multiplied.
  let factors: (x: Tensor, matrix: Tensor)
  let y: Tensor

  // dM = xᵀ dy; dx = dy Mᵀ; db = Σ dy.
  func backward(_ engine: Engine) {
    guard let gradient = y.gradient else { return }
    if let bias, let target = engine.gradientTarget(bias) { engine.addColumnSums(of: gradient, to: target) }
    let dy = engine.precision == .bf16 ? engine.bfloat16(gradient) : gradient
    // M lies as [I, O], so that its own rows are those that x is multiplied by.
    if engine.unitGradients?.keep(matrix, x: dy, dy: factors.x) != true, let target = engine.gradientTarget(matrix) {
      engine.multiply(
        .init(factors.x, transposed: true), .init(dy), into: target.tensor, accumulates: target.accumulates)
    }
    if let target = engine.gradientTarget(x) {
      engine.multiply(
        .init(dy), .init(factors.matrix, transposed: true), into: target.tensor, accumulates: target.accumulates)
    }
  }
}

private struct LinearOperation: DifferentiableOperation {
  let map: AffineMap
  let activation: Activation
  /// Before the activation [N, O]; the same tensor as y where there is none.
  let pre: Tensor
  let y: Tensor

  // dpre = dy f'(pre), and the map's gradients.
  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    guard activation != .none else {
      return map.backward(dpre: engine.precision == .bf16 ? engine.bfloat16(dy) : dy, engine)
    }
    let dpre = engine.tensor(y.shape, y.elementType)
    engine.overRows(y.rows, columns: y.columns) { range in
      let (start, count) = (range.lowerBound * y.columns, range.count * y.columns)
      if y.elementType == .bfloat16 {
        engine.kernels.activation_backward_bf16(
          activation.code, count, pre.halves + start, dy.halves + start, dpre.halves + start)
      } else {
        engine.kernels.activation_backward(
          activation.code, count, pre.floats + start, dy.floats + start, dpre.floats + start)
      }
    }
    map.backward(dpre: dpre, engine)
  }
}
