internal import CKernels

extension Tape {
  /// A perceptron of two layers: y = f(x W₁ᵀ + b₁) W₂ᵀ + b₂ for x [..., I], W₁ [H, I], W₂ [O, H]; y [..., O].
  ///
  /// The hidden layer, the widest of a transformer block, is kept before its activation only: the backward pass computes
  /// the rest again, in the pass over memory that its gradient takes anyway.
  /// - Parameter residual: is added to y, which then is fp32 whatever the engine's precision.
  public func perceptron(
    _ x: Tensor, hidden: (weight: Tensor, bias: Tensor?), output: (weight: Tensor, bias: Tensor?),
    activation: Activation, adding residual: Tensor? = nil
  ) -> Tensor {
    precondition(activation != .none, "perceptron: two linear layers without an activation between them are one")
    let tracked = tracks(x, hidden.weight, hidden.bias, output.weight, output.bias)
    let adds = residual.map { tracks($0) } ?? false
    if !tracked, !adds, let first = byteLayer(hidden.weight, hidden.bias, activation),
      let second = byteLayer(output.weight, output.bias, .none)
    {
      return apply(first, second, to: x, adding: residual)
    }
    if !tracked, let residual, !adds {
      let inference = PerceptronInference(
        x: x, hidden: hidden, output: output, activation: activation, residual: float32(residual))
      if let y = inference.inCache(self) { return y }
    }
    if !tracked, engine.precision == .bf16 {
      let h = product(x, weight: hidden.weight, bias: hidden.bias, activation: activation, keepsFloat32: false)
      let y = product(
        h, weight: output.weight, bias: output.bias, activation: .none, keepsFloat32: residual != nil)
      return residual.map { add($0, y) } ?? y
    }
    let type = engine.activationType
    let first = AffineMap(x, weight: hidden.weight, bias: hidden.bias, self)
    let pre = engine.tensor(x.shape.dropLast() + [hidden.weight.shape[0]], type)
    let activated = engine.tensor(pre.shape, type, requiresGradient: tracked)
    first.forward(activation, pre: pre, y: activated, engine)
    let second = AffineMap(activated, weight: output.weight, bias: output.bias, self)
    let y = engine.tensor(
      x.shape.dropLast() + [output.weight.shape[0]], residual == nil ? type : .float32, requiresGradient: tracked)
    second.forward(.none, pre: y, y: y, engine)
    if tracked {
      record(
        PerceptronOperation(
          first: first, pre: pre, activation: activation, output: output,
          outputFactor: second.factors.weight, outputUpdates: second.updates, y: y))
    }
    return residual.map { add($0, y) } ?? y
  }
}

private struct PerceptronOperation: DifferentiableOperation {
  let first: AffineMap
  /// The hidden layer before its activation [N, H].
  let pre: Tensor
  let activation: Activation
  let output: (weight: Tensor, bias: Tensor?)
  /// The output's weight as it was multiplied.
  let outputFactor: Tensor
  let outputUpdates: [HeldUpdate]
  let y: Tensor

  // With h = f(pre): dh = dy W₂; dW₂ = dyᵀ h; db₂ = Σ dy; dpre = dh f'(pre), and the first layer's gradients from dpre.
  func backward(_ engine: Engine) {
    guard let gradient = y.gradient else { return }
    let dy = engine.precision == .bf16 ? engine.bfloat16(gradient) : gradient
    let dpre = engine.tensor(pre.shape, pre.elementType)
    engine.multiply(.init(dy), .init(outputFactor), into: dpre)
    throughActivation(dpre, engine)
    AffineMap(hidden: pre, weight: output.weight, bias: output.bias, factor: outputFactor, updates: outputUpdates)
      .backward(dpre: dy, engine)
    first.backward(dpre: dpre, engine)
  }

  /// dh becomes dpre, and pre, which nobody reads any more, becomes h.
  private func throughActivation(_ gradient: Tensor, _ engine: Engine) {
    engine.overRows(pre.rows, columns: pre.columns) { range in
      let (start, count) = (range.lowerBound * pre.columns, range.count * pre.columns)
      if pre.elementType == .bfloat16 {
        engine.kernels.activation_again_bf16(
          activation.code, count, pre.halves + start, gradient.halves + start, pre.halves + start)
      } else {
        engine.kernels.activation_again(
          activation.code, count, pre.floats + start, gradient.floats + start, pre.floats + start)
      }
    }
  }
}
