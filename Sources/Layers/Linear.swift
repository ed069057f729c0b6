public import TensorEngine

/// y = f(x Wᵀ + b): weight [O, I], bias [O].
public struct Linear {
  public let weight: Parameter
  public let bias: Parameter?
  public let activation: Activation

  /// - Parameter names: one name for a plain layer; several for layers that are computed as one, whose outputs then
  ///   stand side by side in the order of the names.
  public init(
    _ builder: ParameterBuilder, _ names: String..., inputs: Int, outputs: Int, hasBias: Bool = true,
    activation: Activation = .none, standardDeviation: Float
  ) {
    weight = builder.stacked(
      names.map { $0 + ".weight" }, [outputs, inputs], .normal(standardDeviation: standardDeviation))
    bias = hasBias ? builder.stacked(names.map { $0 + ".bias" }, [outputs], .constant(0)) : nil
    self.activation = activation
  }

  /// x [N, I] → [N, O × number of names]
  public func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
    tape.linear(x, weight: weight.tensor, bias: bias?.tensor, activation: activation)
  }
}
