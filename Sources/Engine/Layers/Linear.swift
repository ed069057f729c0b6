public import TensorEngine

/// y = f(x Wᵀ + b): weight [O, I], bias [O].
public struct Linear {
  public let weight: Parameter
  public let bias: Parameter?
  public let activation: Activation
  /// The result is fp32 at every precision: for what begins a residual stream or ends in a loss.
  public let keepsFloat32: Bool

  /// - Parameter names: one name for a plain layer; several for layers that are computed as one, whose outputs then
  ///   stand side by side in the order of the names.
  public init(
    _ builder: ParameterBuilder, _ names: String..., inputs: Int, outputs: Int, hasBias: Bool = true,
    activation: Activation = .none, keepsFloat32: Bool = false, standardDeviation: Float
  ) {
    weight = builder.linearWeight(
      names, inputs: inputs, outputs: outputs, .normal(standardDeviation: standardDeviation))
    bias = hasBias ? builder.stacked(names.map { $0 + ".bias" }, [outputs], .constant(0)) : nil
    self.activation = activation
    self.keepsFloat32 = keepsFloat32
  }

  /// A layer of parameters that were made under names of their own.
  public init(weight: Parameter, bias: Parameter?, activation: Activation = .none, keepsFloat32: Bool = false) {
    (self.weight, self.bias, self.activation, self.keepsFloat32) = (weight, bias, activation, keepsFloat32)
  }

  /// x [N, I] → [N, O × number of names]
  public func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
    tape.linear(
      x, weight: weight.tensor, bias: bias?.tensor, activation: activation, keepsFloat32: keepsFloat32)
  }

  /// The same for the result of a norm that nothing else reads: its values are released until the backward pass.
  func callAsFunction(releasing x: Tensor, _ tape: Tape) -> Tensor {
    defer { x.releaseRecomputableValues() }
    return self(x, tape)
  }
}
